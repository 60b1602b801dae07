import json
import logging

import pytest

from serving.json_logs import JsonLines
from serving.metrics import Metrics


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
    metrics = Metrics()
    for part in [found] if at_once else [[value] for value in found]:
        metrics.scored(1, None, part, [0] * len(part))
    lines = bytes(metrics.answer().body).decode().splitlines()
    assert 'hitcast_probability_bucket{le="0.05"} 2.0' in lines
    assert 'hitcast_probability_bucket{le="0.1"} 3.0' in lines
    assert 'hitcast_probability_bucket{le="+Inf"} 5.0' in lines
    assert "hitcast_probability_count 5.0" in lines
    assert "hitcast_probability_sum 1.601" in lines


def test_answers_are_counted_by_version_alias_and_label() -> None:
    metrics = Metrics()
    metrics.scored(3, "production", [0.1, 0.9, 0.8], [0, 1, 1])
    metrics.scored(3, None, [0.1], [0])
    metrics.scored(4, "production", [0.9], [1])
    metrics.batch(3, 2)
    lines = bytes(metrics.answer().body).decode().splitlines()
    told = [line for line in lines if line.startswith("hitcast_predictions_total{")]
    assert set(told) == {
        'hitcast_predictions_total{alias="production",label="0",version="3"} 1.0',
        'hitcast_predictions_total{alias="production",label="1",version="3"} 2.0',
        'hitcast_predictions_total{alias="",label="0",version="3"} 1.0',
        'hitcast_predictions_total{alias="",label="1",version="3"} 0.0',
        'hitcast_predictions_total{alias="production",label="0",version="4"} 0.0',
        'hitcast_predictions_total{alias="production",label="1",version="4"} 1.0',
    }
    assert 'hitcast_batch_rows_bucket{le="10.0"} 1.0' in lines
    assert "hitcast_rows_refused_total 2.0" in lines
