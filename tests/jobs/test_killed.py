"""Ingests that are killed: wherever that happens, the next run ends as an undisturbed one."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest import ingest
from hitcast.sources.csv import csv_extract
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from jobs import ingest as ingest_job
from tests.conftest import ROOT
from tests.ingest.books import book, books_like, contents, versions, write_lines
from tests.jobs.commands import activated, status_here
from tests.jobs.tracks import track, write_tracks

pytestmark = pytest.mark.spark
WRITES = ("create", "create_from", "append", "replace", "overwrite", "merge", "add_new")
DAYS = ("2024-05-01", "2024-05-02")


def commits(table: Table) -> list[Path]:
    """The files of a table's log, one a commit."""
    return sorted(Path(table.place, "_delta_log").glob("*.json"))


def take_back(table: Table) -> None:
    """Undo a table's newest commit but leave the files that it wrote, as a kill before it does."""
    newest = commits(table)[-1]
    for file in newest.parent.glob(f"*{newest.stem}*"):
        file.unlink()
    # The session remembers the table as it was with it; another process would not.
    jvm: Any = table.spark._jvm
    jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
    table.spark.catalog.clearCache()


def stop_in_commit(patched: pytest.MonkeyPatch, number: int) -> None:
    """End a run in its commit of that number, from 0: all files are there but the commit."""
    made = []

    def stopping(write: Callable[..., Any]) -> Callable[..., Any]:
        def write_and_stop(table: Table, *given: Any, **more: Any) -> Any:
            before = commits(table)
            written = write(table, *given, **more)
            if commits(table) != before:
                made.append(table.name)
                if len(made) > number:
                    take_back(table)
                    raise KeyboardInterrupt
            return written

        return write_and_stop

    for name in WRITES:
        patched.setattr(Table, name, stopping(getattr(Table, name)))


@pytest.mark.slow
def test_runs_stopped_within_commits_end_as_an_undisturbed_run(
    spark: SparkSession, spotify: UseCase, tmp_path: Path
) -> None:
    # Tables that are there already; what is left of one that was being made: tests/ingest.
    books, (first, second) = books_like(spotify), map(date.fromisoformat, DAYS)
    stopped, undisturbed = (Lakehouse(spark, tmp_path / n, "books") for n in ("one", "other"))
    lines = [*map(book, range(20)), book(5, title="again"), book(1, score="x"), "1,2"]
    extract = csv_extract(write_lines(tmp_path / "first.csv", lines), books)
    ingest(books, undisturbed, extract, first)
    shutil.copytree(undisturbed.root, stopped.root)
    changed = [book(n, title="new") for n in range(0, 10, 2)]
    lines = [book(1), *changed, book(99), book(2, score="y")]
    extract = csv_extract(write_lines(tmp_path / "second.csv", lines), books)
    # In bronze's commit; then after the last one's, in those of the log, of quality, of
    # quarantine, of silver and of gold.
    for number in (0, 1, 1, 1, 1, 1):
        with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
            stop_in_commit(patched, number)
            ingest(books, stopped, extract, second)
    for lakehouse in (stopped, undisturbed):
        ingest(books, lakehouse, extract, second)
    assert contents(stopped) == contents(undisturbed)
    assert versions(stopped) == versions(undisturbed)
    judged = [h.quality.read().drop("judged_at").collect() for h in (stopped, undisturbed)]
    assert sorted(map(str, judged[0])) == sorted(map(str, judged[1]))


def two_extracts(folder: Path) -> list[Path]:
    """Tracks; then half of them, most of which have changed, with new and bad ones in both."""
    first = [track(n) for n in range(3000)] + [track(5, "50"), track(1, "x"), "1,2"]
    second = [track(n, str(n % 9)) for n in range(1500)] + [track(9999), track(2, "y")]
    return [write_tracks(folder / f"{n}.csv", lines) for n, lines in enumerate((first, second))]


def bring(path: Path, home: Path, day: str) -> int:
    """Run the job here; returns its exit status."""
    return status_here(ingest_job, "--csv", path, "--home", home, "--extraction-date", day)


def rows_of(spark: SparkSession, home: Path) -> dict[str, list[str]]:
    """All rows of all tables."""
    return contents(Lakehouse(spark, home / "lakehouse", "spotify"))


def thrown() -> random.Random:
    """Dice that fall anew in each run; pytest shows their printed seed where a test fails."""
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed of the kills: {seed}\n")
    return random.Random(seed)


def start(path: Path, home: Path, day: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, ROOT / "jobs/ingest.py", "--csv", path, "--home", home]
    return subprocess.Popen(
        [*map(str, command), "--extraction-date", day],
        cwd=ROOT,
        env=activated(),
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


@pytest.mark.nightly
@pytest.mark.slow
def test_a_run_killed_at_any_moment_is_completed_by_the_next(
    spark: SparkSession, tmp_path: Path
) -> None:
    # Any moment of either extract, another one each time: the nightly test takes several.
    dice = thrown()
    step, table = dice.choice(
        [(0, "bronze"), (0, "silver"), (0, "gold"), (1, "silver"), (1, "gold")]
    )
    # Gold is the last: a moment later the run may have ended.
    wait = 0.0 if table == "gold" else dice.choice([0.0, dice.random()])
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    paths = two_extracts(tmp_path)
    if step:
        assert bring(paths[0], undisturbed, DAYS[0]) == 0
        shutil.copytree(undisturbed, killed)
    folder = killed / "lakehouse/spotify" / table
    touched = partial(differs, folder, files_in(folder))
    assert kill_when(touched, paths[step], killed, DAYS[step], wait)
    for home in (killed, undisturbed):
        assert bring(paths[step], home, DAYS[step]) == 0
    assert rows_of(spark, killed) == rows_of(spark, undisturbed)


@pytest.mark.nightly
def test_runs_killed_at_any_moment_end_as_an_undisturbed_run(
    spark: SparkSession, tmp_path: Path
) -> None:
    dice = thrown()
    homes = {"killed": tmp_path / "killed", "undisturbed": tmp_path / "undisturbed"}
    killed = []
    paths = two_extracts(tmp_path)
    chosen = [dice.sample(("bronze", "silver", "gold"), 2), dice.sample(("silver", "gold"), 1)]
    for path, day, tables in zip(paths, DAYS, chosen, strict=True):
        for table in tables:
            folder = homes["killed"] / "lakehouse/spotify" / table
            wait = dice.choice([0.0, dice.random()])
            touched = partial(differs, folder, files_in(folder))
            killed.append(kill_when(touched, path, homes["killed"], day, wait))
        assert start(path, homes["killed"], day).wait() == 0
        assert bring(path, homes["undisturbed"], day) == 0
    assert sum(killed) >= 2, "most runs were still running when they were to be killed"
    found = [rows_of(spark, home) for home in homes.values()]
    assert found[0] == found[1]
