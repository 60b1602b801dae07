"""The lines of the inference log."""

import json
import time
from typing import Any

import pytest
from starlette.datastructures import Headers

from serving.log.records import FORMAT, id_of, line, lines, new_id, shared
from serving.versions.scores import Scores

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def common(**headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    known = {"request_id": "r", "model": "m", "version": 3, "alias": None, "latency_ms": 0.5}
    return shared(Headers(named), unit="hashed", **known)


def test_ids_are_made_here_and_stand_in_order_of_time() -> None:
    first = [new_id() for _ in range(1000)]
    time.sleep(0.002)
    last = [new_id() for _ in range(1000)]
    assert len({*first, *last}) == 2000
    assert max(first) < min(last)
    assert set(map(len, first)) == {32}


@pytest.mark.parametrize(
    ("labels", "by_class"),
    [
        ([0, 1], None),
        (["no", 'a "yes"'], None),
        (["a", "b"], [{"a": 0.25, "b": 0.1, "c": 0.65}, {"a": 0.0, "b": 1 / 3, "c": 2 / 3}]),
    ],
)
def test_a_batch_has_the_lines_that_its_rows_would_have_alone(
    labels: list[int | str], by_class: list[dict[str, float]] | None
) -> None:
    rows = [{"a": 0.1, "b": "é\n"}, {"a": 1e-7, "b": '"'}]
    scores = Scores(labels, [0.25, 1 / 3], by_class)
    told = lines(common(), "id", [0, 7], rows, scores).splitlines(keepends=True)
    shown = [json.loads(part) for part in told]
    assert [part["prediction_id"] for part in shown] == ["id-0", "id-7"] == [
        id_of("id", 0), id_of("id", 7),
    ]  # fmt: skip
    for n, (place, row, part) in enumerate(zip((0, 7), rows, shown, strict=True)):
        own = Scores(labels[n:], scores.chances[n:], by_class and by_class[n:])
        alone = json.loads(line(common(), "id", row, own))
        assert part | {"place": None, "prediction_id": "id", "time": 0} == alone | {"time": 0}
        assert (part["format"], part["place"], part["row"]) == (FORMAT, place, row)
    assert all(part.endswith(b"}\n") for part in told)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (TRACE, TRACE),
        (f"01-{TRACE[3:]}-more", f"01-{TRACE[3:]}-more"),
        (TRACE.upper(), None),
        ("00-1-2-3", None),
        (f"{TRACE} ", None),
        ("x" * 5000, None),
    ],
)
def test_a_trace_is_taken_over_where_it_is_one(given: str, kept: str | None) -> None:
    assert common(traceparent=given)["traceparent"] == kept


def test_long_headers_are_cut() -> None:
    found = common(x_unit_id="u" * 5000, x_source="s" * 5000)
    assert (found["unit"], len(found["source"])) == ("hashed", 200)
