import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.running.job import job_parser, run_job
from hitcast.sources.choose import add_extract_options
from hitcast.tables.lakehouse import Lakehouse
from jobs.ingest import main
from tests.conftest import ROOT
from tests.ingest.books import contents

SPOTIFY_HEADER = (
    ",artist_name,track_name,track_id,popularity,year,genre,danceability,energy,key,loudness,mode,"
    "speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms,time_signature"
)
KEYS = {
    "source", "file", "generated", "rows_read", "inserted", "updated", "unchanged", "duplicates",
    "quarantined", "table_version", "seconds",
}  # fmt: skip


def track(number: int, popularity: str = "7", name: str = "name") -> str:
    """A line of a tracks extract."""
    numbers = "0.5,0.5,1,-5.5,1,0.1,0.1,0.1,0.1,0.5,120.0,200000,4"
    return f'{number},artist,"{name}, {number}",{number:022d},{popularity},2001,pop,{numbers}'


def write_tracks(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join([SPOTIFY_HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def run(*arguments: str | Path) -> int:
    """Run the job in this process, in the session of the tests."""
    parser = job_parser("test")
    add_extract_options(parser)
    return run_job(parser, main, [*map(str, arguments), "--use-case", "spotify"])


def last_line(text: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(text.splitlines()[-1])
    return answer


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITCAST_CONF", str(ROOT / "conf"))


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_the_last_line_holds_the_counts_and_progress_goes_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_tracks(tmp_path / "t.csv", [track(1), track(2), track(1), track(3, "x")])
    assert run("--csv", path, "--home", tmp_path, "--extraction-date", "2024-05-01") == 0
    told = capsys.readouterr()
    counts = last_line(told.out)
    assert set(counts) == KEYS
    expected = {"source": "csv", "generated": False, "rows_read": 4, "inserted": 2, "updated": 0}
    expected |= {"unchanged": 0, "duplicates": 1, "quarantined": 1, "table_version": 0}
    assert {key: counts[key] for key in expected} == expected
    assert [line.split(":")[0] for line in told.err.splitlines()] == [
        "bronze", "checks", "quarantine", "silver", "gold"
    ]  # fmt: skip


@pytest.mark.spark
@pytest.mark.slow
def test_generated_rows_give_way_to_real_ones_only_when_asked(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--twin", "200", "--home", tmp_path) == 0
    counts = last_line(capsys.readouterr().out)
    assert (counts["source"], counts["generated"]) == ("twin", True)
    assert counts["rows_read"] >= 200
    path = write_tracks(tmp_path / "t.csv", [track(1)])
    assert run("--csv", path, "--home", tmp_path) == 1
    assert "--replace-generated" in capsys.readouterr().err
    assert run("--csv", path, "--home", tmp_path, "--replace-generated") == 0
    assert last_line(capsys.readouterr().out)["inserted"] == 1
    assert run("--twin", "200", "--home", tmp_path, "--replace-generated") == 1
    assert "--home" in capsys.readouterr().err
    gold = Lakehouse(spark, tmp_path / "lakehouse", "spotify").gold
    assert (gold.is_generated(), gold.read().count()) == (False, 1)


@pytest.mark.parametrize(
    "arguments",
    [["--csv", "none.csv"], ["--csv", "."], ["--csv", "bad.csv"], ["--csv", "empty.csv"]],
)
def test_a_refusal_is_one_line_and_leaves_nothing_behind(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    Path("empty.csv").touch()
    assert run(*arguments, "--home", tmp_path / "home") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_two_sources_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("--csv", "a.csv", "--twin", "3")
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.spark
@pytest.mark.sample
@pytest.mark.slow
def test_the_real_sample_reconciles(
    spark: SparkSession, sample_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--csv", sample_path, "--home", tmp_path) == 0
    counts = last_line(capsys.readouterr().out)
    assert counts["rows_read"] == 6002
    assert counts["inserted"] + counts["duplicates"] + counts["quarantined"] == 6002
    gold = Lakehouse(spark, tmp_path / "lakehouse", "spotify").gold.read()
    assert gold.count() == gold.select("track_id").distinct().count() == counts["inserted"]


def start(path: Path, home: Path, day: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, ROOT / "jobs/ingest.py", "--csv", path, "--home", home]
    return subprocess.Popen(
        [*map(str, command), "--extraction-date", day],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_when(happened: Callable[[], bool], path: Path, home: Path, day: str, wait: float) -> bool:
    """Kill a run with all its processes `wait` seconds after something; whether it was killed."""
    process = start(path, home, day)
    while process.poll() is None and not happened():
        time.sleep(0.01)
    time.sleep(wait)
    killed = process.poll() is None
    if killed:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return killed


def files_in(folder: Path) -> int:
    return len(list(folder.rglob("*"))) if folder.exists() else 0


def differs(folder: Path, files: int) -> bool:
    return files_in(folder) != files


@pytest.mark.spark
@pytest.mark.slow
def test_runs_killed_at_any_moment_end_as_an_undisturbed_run(
    spark: SparkSession, tmp_path: Path
) -> None:
    dice = random.Random()
    first = [track(n) for n in range(3000)] + [track(5, "50"), track(1, "x"), "1,2"]
    second = [track(n, str(n % 9)) for n in range(1500)] + [track(9999), track(2, "y")]
    homes = {"killed": tmp_path / "killed", "undisturbed": tmp_path / "undisturbed"}
    killed = []
    extracts = [
        (first, dice.sample(("bronze", "silver", "gold"), 2)),
        (second, dice.sample(("silver", "gold"), 1)),
    ]
    for step, (lines, tables) in enumerate(extracts):
        path, day = write_tracks(tmp_path / f"{step}.csv", lines), f"2024-05-0{step + 1}"
        for table in tables:
            folder = homes["killed"] / "lakehouse/spotify" / table
            wait = dice.choice([0.0, dice.random()])
            touched = partial(differs, folder, files_in(folder))
            killed.append(kill_when(touched, path, homes["killed"], day, wait))
        assert start(path, homes["killed"], day).wait() == 0
        assert run("--csv", path, "--home", homes["undisturbed"], "--extraction-date", day) == 0
    assert sum(killed) >= 2, "most runs were still running when they were to be killed"
    found = {name: Lakehouse(spark, home / "lakehouse", "spotify") for name, home in homes.items()}
    assert contents(found["killed"]) == contents(found["undisturbed"])
