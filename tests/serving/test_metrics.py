import json
import logging

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from serving.json_logs import JsonLines
from serving.metrics import Probabilities


def test_a_log_line_is_one_json_object() -> None:
    record = logging.LogRecord("hitcast.serving", logging.INFO, "", 0, "told %d", (5,), None)
    record.request_id = "r1"
    line = JsonLines().format(record)
    found = json.loads(line)
    assert "\n" not in line
    assert (found["level"], found["message"], found["request_id"]) == ("info", "told 5", "r1")


@pytest.mark.parametrize("at_once", [True, False])
def test_probabilities_are_counted_alike_one_by_one_and_at_once(at_once: bool) -> None:
    found = [0.0, 0.05, 0.051, 0.5, 1.0]
    counted = Probabilities()
    for part in [found] if at_once else [[value] for value in found]:
        counted.add(part)
    registry = CollectorRegistry()
    registry.register(counted)
    lines = generate_latest(registry).decode().splitlines()
    assert 'hitcast_probability_bucket{le="0.05"} 2.0' in lines
    assert 'hitcast_probability_bucket{le="0.1"} 3.0' in lines
    assert 'hitcast_probability_bucket{le="+Inf"} 5.0' in lines
    assert "hitcast_probability_count 5.0" in lines
    assert "hitcast_probability_sum 1.601" in lines


def test_an_empty_batch_counts_nothing() -> None:
    counted = Probabilities()
    counted.add([])
    (metric,) = counted.collect()
    assert metric.samples[-1].value == 0
