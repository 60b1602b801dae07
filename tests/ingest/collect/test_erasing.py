"""One unit erased, and what is old deleted: from tables, their older versions, and segments."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hitcast.ingest.collect import Erased, Logs, erase, keep_days, rounds
from hitcast.ingest.collect.rewriting import blank
from hitcast.running.home import Home
from hitcast.running.log_files import mark_delivered
from hitcast.running.unit_ids import hashed, key_of
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.collect.written import answer, bring, event, names, places, segment, told

pytestmark = [pytest.mark.spark, pytest.mark.slow]
RETENTION = "delta.deletedFileRetentionDuration"


def traces(home: Home, *words: str) -> set[Path]:
    """The files of a home that hold one of the words; tables' files by their rows."""
    found = set()
    for path in (p for p in home.folder.rglob("*") if p.is_file() and p != home.unit_key):
        rows = (
            pq.read_table(path, partitioning=None).to_pylist() if path.suffix == ".parquet" else ""
        )
        text = f"{path.read_bytes()!r} {rows}"
        if any(word in text for word in words):
            found.add(path)
    return found


def filled(lakehouse: Lakehouse, home: Home) -> tuple[str, ...]:
    """Lines of two units, collected and not; returns what is Anna's: ids, and what came of them."""
    anna = hashed(key_of(home), "anna")
    own = {"unit": anna}
    raw = {**answer(3, format=2, prediction_id="anna-3"), "unit_id": "anna"}
    del raw["unit"]
    lines = [answer(0), answer(1, prediction_id="anna-1", **own), answer(2), raw]
    segment(home.inference_log, "a", lines)
    segment(home.feedback_log, "f", [told(0), told(1, prediction_id="anna-1")])
    bring(lakehouse, home)
    # A merge that comes after: older versions hold her lines in files that are needed no more.
    later = [answer(4, prediction_id="anna-4", **own), {**raw, "prediction_id": "anna-5"}]
    segment(home.inference_log, "b", [*later, answer(6)])
    segment(home.feedback_log, "g", [told(4, prediction_id="anna-4"), told(6)])
    mark_delivered(segment(home.inference_log, "d", [answer(0, **own)]))
    return (anna, '"anna"', *(f"anna-{number}" for number in range(1, 6)))


def test_nothing_is_left_of_a_unit_that_was_erased_and_the_rest_is_as_it_was(
    lakehouse: Lakehouse, home: Home
) -> None:
    words = filled(lakehouse, home)
    before = traces(home, *words)
    assert {path.suffix for path in before} == {".jsonl", ".parquet"} and len(before) == 7
    times = {path: path.stat().st_mtime_ns for path in home.inference_log.glob("*.jsonl")}
    # Read as the API reads X-Unit-Id.
    found = erase(lakehouse, home, Logs.of(home), " anna ")
    assert asdict(found) == {"inference_log": 2, "feedback": 1, "lines": 6, "open": 0}
    assert traces(home, *words) == set()
    assert places(lakehouse.inference_log) == [("a", 0), ("a", 2)]
    assert RETENTION not in lakehouse.inference_log.properties()
    waiting = home.inference_log / "b.jsonl"
    assert waiting.read_text() == "\n\n" + json.dumps(answer(6)) + "\n"
    assert waiting.stat().st_mtime_ns == times[waiting]
    assert bring(lakehouse, home)["inference_log"].inserted == 1
    assert places(lakehouse.inference_log) == [("a", 0), ("a", 2), ("b", 2)]
    assert places(lakehouse.feedback) == [("f", 0), ("g", 1)]


@pytest.mark.nightly
def test_an_erasure_that_is_killed_after_any_step_is_completed_by_the_next(
    lakehouse: Lakehouse, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = filled(lakehouse, home)
    stopped: set[str] = set()

    def stopping(step: Callable[..., Any]) -> Callable[..., Any]:
        def run_and_stop(*given: Any, **more: Any) -> Any:
            done = step(*given, **more)
            name = f"{step.__name__} {getattr(given[0], 'place', given[0])}"
            if done != 0 and name not in stopped:
                stopped.add(name)
                raise KeyboardInterrupt
            return done

        return run_and_stop

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "blank", stopping(blank))
        patched.setattr(Table, "delete_matching", stopping(Table.delete_matching))
        patched.setattr(Table, "vacuum", stopping(Table.vacuum))
        while True:
            try:
                erase(lakehouse, home, Logs.of(home), "anna")
                break
            except KeyboardInterrupt:
                continue
    # Four segments, two tables, each of these vacuumed.
    assert len(stopped) == 8
    assert traces(home, *words) == set()
    rows = lakehouse.inference_log.last_change()
    assert erase(lakehouse, home, Logs.of(home), "anna") == Erased(0, 0, 0, 0)
    assert lakehouse.inference_log.last_change() == rows
    bring(lakehouse, home)
    assert places(lakehouse.inference_log) == [("a", 0), ("a", 2), ("b", 2)]


def test_old_lines_and_segments_are_deleted_as_asked(lakehouse: Lakehouse, home: Home) -> None:
    now = time.time()
    old, new = now - 10 * 86_400, now - 86_400
    paths = [
        segment(home.inference_log, "a", [answer(0, time=old), answer(1, time=new)]),
        segment(home.inference_log, "b", [answer(2, time=new)]),
        segment(home.feedback_log, "f", [told(0, time=old), told(1, time=new)]),
        segment(home.experiment_log, "e", [event("asked", time=old)]),
    ]
    for path, written in zip(paths, (now - 31 * 86_400, old, old, old), strict=True):
        os.utime(path, (written, written))
    bring(lakehouse, home)
    logs = Logs.of(home)
    assert keep_days(lakehouse, logs) == {"lines": 0, "segments": 1}
    assert names(home.inference_log) == ([], ["b"])
    assert len(places(lakehouse.inference_log)) == 3
    assert keep_days(lakehouse, logs, 5) == {"lines": 2, "segments": 3}
    assert places(lakehouse.inference_log) == [("a", 1), ("b", 0)]
    assert places(lakehouse.feedback) == [("f", 1)]
    # Older answers can't be judged without it.
    assert places(lakehouse.experiments) == [("e", 0)]
