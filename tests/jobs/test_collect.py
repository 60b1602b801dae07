"""The job that collects: killed at every step, and with what it prints."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.collect import collecting
from hitcast.ingest.collect.segments import Segment, put_away
from hitcast.running.home import Home
from hitcast.running.unit_ids import hashed, key_of
from hitcast.tables.lakehouse import Lakehouse
from jobs import collect as collect_job
from tests.conftest import ROOT
from tests.ingest.collect.written import answer, bring, event, names, places, segment, told
from tests.jobs.commands import activated, last_line_here, status_here
from tests.jobs.test_killed import stop_in_commit

pytestmark = pytest.mark.spark


@pytest.mark.slow
def test_runs_stopped_within_commits_and_between_moves_add_each_line_once(
    spark: SparkSession, tmp_path: Path
) -> None:
    home, lakehouse = Home(tmp_path), Lakehouse(spark, tmp_path / "lakehouse", "books")
    for name in "ab":
        segment(home.inference_log, name, map_answers(3))
    segment(home.feedback_log, "f", [told(0), told(1)])
    # In the commit that makes a table, then in the one that fills it; both logs go one way.
    for number in (0, 1):
        with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
            stop_in_commit(patched, number)
            bring(lakehouse, home)
    assert names(home.inference_log) == (["a", "b"], [])
    with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
        stop_before_move(patched, 1)
        bring(lakehouse, home)
    assert names(home.inference_log) == (["b"], ["a"])
    for name in "cd":
        segment(home.inference_log, name, map_answers(2))
    assert bring(lakehouse, home)["inference_log"].known == 3
    lines = {"a": 3, "b": 3, "c": 2, "d": 2}
    every = [(name, line) for name, count in lines.items() for line in range(count)]
    assert places(lakehouse.inference_log) == every
    assert places(lakehouse.feedback) == [("f", 0), ("f", 1)]
    assert (names(home.inference_log), names(home.feedback_log)) == (([], [*"abcd"]), ([], ["f"]))


def map_answers(count: int) -> list[Any]:
    return [answer(number) for number in range(count)]


def stop_before_move(patched: pytest.MonkeyPatch, number: int) -> None:
    """End a run before it moves the segment of that number, from 0."""
    moved: list[Segment] = []

    def put_away_or_stop(segment: Segment) -> bool:
        if len(moved) == number:
            raise KeyboardInterrupt
        moved.append(segment)
        return put_away(segment)

    patched.setattr(collecting, "put_away", put_away_or_stop)


@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_the_job_collects_from_a_folder_that_an_api_ships_to_and_erases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, shipped = Home(tmp_path / "home"), tmp_path / "shipped"
    options = ("--use-case", "fraud", "--home", home.folder)
    lines = [answer(n, model="fraud", unit=hashed(key_of(home), "anna")) for n in range(3)]
    segment(shipped, "a", lines)
    segment(shipped / "feedback", "f", [told(0), told(0, 0, at=1.0), told(9)])
    segment(shipped / "experiments", "e", [event("asked", model="fraud")])
    found = last_line_here(collect_job, *options, "--from", shipped, "--late-after", "0.0001")
    counts = {"segments": 1, "known": 0, "torn": 0, "broken": 0, "left": 0}
    assert found.pop("seconds") > 0
    assert found == {
        "inference_log": {**counts, "lines": 3, "inserted": 3},
        "feedback": {**counts, "lines": 3, "inserted": 3},
        "experiments": {**counts, "lines": 1, "inserted": 1},
        "deleted": {"lines": 0, "segments": 0},
        "outcomes": {"known": 1, "unknown": 1, "late": 1, "repeated": 0, "contradicting": 1},
        "table_versions": {"inference_log": 1, "feedback": 1, "experiments": 1},
    }
    again = last_line_here(collect_job, *options)
    assert (again["inference_log"]["segments"], again["outcomes"]["late"]) == (0, 0)
    open = segment(shipped, "b.jsonl.open", lines[:1])
    open = open.rename(open.with_suffix(""))
    assert status_here(collect_job, *options, "--from", shipped, "--erase", "anna") == 1
    out, err = capsys.readouterr()
    found = json.loads(out.splitlines()[-1])
    assert found["erased"] == {"inference_log": 3, "feedback": 2, "lines": 5, "open": 1}
    assert "error: 1 lines of this unit are in segments that an API was writing" in err
    open.rename(open.with_suffix(""))
    found = last_line_here(collect_job, *options, "--from", shipped, "--erase", "anna")
    assert found["erased"] == {"inference_log": 0, "feedback": 0, "lines": 1, "open": 0}
    capsys.readouterr()
    with pytest.raises(SystemExit):
        status_here(collect_job, *options, "--erase", "anna", "--keep-days", "5")
    assert "expected --erase UNIT without --keep-days" in capsys.readouterr().err


@pytest.mark.nightly
def test_a_run_killed_at_any_moment_is_completed_by_the_next(
    spark: SparkSession, spotify: UseCase, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed of the kills: {seed}\n")
    dice, home = random.Random(seed), Home(tmp_path)
    lakehouse = Lakehouse(spark, home.lakehouse, spotify.name)
    lines = [json.dumps(answer(n, model="spotify")) for n in range(4000)]
    killed = 0
    for round in range(4):
        for part in range(8):
            segment(home.inference_log, f"{round}-{part}", lines)
        segment(home.feedback_log, str(round), [told(n) for n in range(4000)])
        command = [sys.executable, str(ROOT / "jobs/collect.py"), "--home", str(home.folder)]
        process = subprocess.Popen(command, cwd=ROOT, env=activated(), start_new_session=True)
        before = files_in(home.lakehouse)
        while process.poll() is None and files_in(home.lakehouse) == before:
            time.sleep(0.01)
        time.sleep(dice.random() * 4)
        killed += process.poll() is None
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert killed >= 2, "most runs had ended when they were to be killed"
    assert status_here(collect_job, "--home", home.folder) == 0
    rows = lakehouse.inference_log.read()
    assert rows.count() == rows.select("segment", "line").distinct().count() == 4 * 8 * 4000
    assert lakehouse.feedback.read().select("segment", "line").distinct().count() == 4 * 4000
    assert lakehouse.feedback.read().count() == 4 * 4000
    assert names(home.inference_log)[0] == names(home.feedback_log)[0] == []


def files_in(folder: Path) -> int:
    return len(list(folder.rglob("*"))) if folder.exists() else 0
