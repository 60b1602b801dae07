"""The job that reads sites: killed, interrupted, and with what it prints."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs import extract as extract_job
from tests.conftest import ROOT
from tests.jobs.commands import activated, last_line_here, status_here
from tests.sources.sites.verses import MANY, SHARED, Verse, declared, first, publish, second, shown
from tests.sources.sites.web import Reply, Web, web

BEFORE = 5
"""Items that are answered before the run is ended."""


@pytest.fixture
def site() -> Iterator[Web]:
    """A site with songs."""
    with web() as one:
        publish(one, {"blorp": MANY, "zindle": [SHARED]})
        yield one


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Lets go what was held until then."""
    event = threading.Event()
    yield event
    event.set()


def declare(folder: Path, **sites: dict[str, Any]) -> Path:
    """A folder of declarations with one use case."""
    folder.mkdir(exist_ok=True)
    (folder / "verses.yml").write_text(yaml.safe_dump(declared(**sites)))
    return folder


def start(conf: Path, home: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, str(ROOT / "jobs/extract.py"), "--use-case", "verses"]
    return subprocess.Popen(
        [*command, "--home", str(home)],
        cwd=ROOT,
        env=activated(HITCAST_CONF=str(conf)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def rows_in(folder: Path) -> list[dict[str, Any]]:
    (file,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def without_words(*told: str) -> bool:
    """Whether nothing of a song's words stands in what a job told."""
    words = {word for song in (SHARED, *MANY) for word in song.words.split() if len(word) > 4}
    return all(told) and not any(word in text for word in words for text in told)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_ended_goes_on_and_has_each_item_once(
    site: Web, held: threading.Event, tmp_path: Path, number: signal.Signals
) -> None:
    reached = threading.Event()

    def stuck(before: int) -> Reply:
        reached.set()
        return shown(MANY[BEFORE]) if before else Reply("late", held=held)

    site.pages[MANY[BEFORE].path] = stuck
    conf = declare(tmp_path / "conf", one=first(site.address, parallel=1))
    home = tmp_path / "home"
    ended = start(conf, home)
    assert reached.wait(60)
    os.kill(ended.pid, number)
    if number == signal.SIGTERM:
        held.set()
    out, told = ended.communicate(timeout=60)
    killed = number == signal.SIGKILL
    assert ended.returncode == (-signal.SIGKILL if killed else 130)
    assert without_words(told)
    assert out == ""
    # What was killed shows no file, what ends in order does.
    assert len(list((home / "extracts").glob("*.jsonl"))) == (not killed)
    if killed:
        (part,) = (home / "extracts").glob(".*.part")
        part.write_bytes(part.read_bytes() + b'{"style": "blorp", "singer": "Zelk5", "wo')
    again = start(conf, home)
    out, told = again.communicate(timeout=60)
    assert again.returncode == 0, told
    assert without_words(out, told)
    counts = json.loads(out.splitlines()[-1])
    assert (counts["already_there"], counts["fetched"]) == (BEFORE, len(MANY) + 1 - BEFORE)
    rows = rows_in(home / "extracts")
    assert sorted(row["words"] for row in rows) == sorted(s.words for s in (SHARED, *MANY))
    asked = [path for path in site.paths if path.startswith("/song/")]
    assert sorted(asked) == sorted([s.path for s in (SHARED, *MANY)] + [MANY[BEFORE].path])


@pytest.mark.nightly
def test_runs_that_are_killed_at_any_moment_end_with_each_item_once(tmp_path: Path) -> None:
    songs = [Verse(f"Ozk{n}", f"Trund {n}", f"Gloster {n}\nvimmelt") for n in range(150)]
    seed = random.SystemRandom().randrange(10_000)
    sys.stdout.write(f"seed of the kills: {seed}\n")
    dice, kills = random.Random(seed), 0
    with web() as site, web() as other:
        publish(site, {"blorp": songs})
        publish(other, {"zindle": songs}, as_second=True)
        one, two = first(site.address, pause=0.02), second(other.address, pause=0.02)
        conf = declare(tmp_path / "conf", one=one, two=two)
        while kills < 30:
            before, process = len(site.asked), start(conf, tmp_path)
            while process.poll() is None and len(site.asked) == before:
                time.sleep(0.01)
            time.sleep(dice.random() * 0.6)
            if process.poll() is not None:
                break
            process.kill()
            process.communicate()
            kills += 1
        assert kills > 4
        out, told = start(conf, tmp_path).communicate(timeout=60)
    counts = json.loads(out.splitlines()[-1])
    assert counts["already_there"] + counts["fetched"] == 2 * len(songs), told
    for name in ("one", "two"):
        (file,) = (tmp_path / "extracts").glob(f"{name}-*.jsonl")
        found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        assert sorted(row["words"] for row in found) == sorted(song.words for song in songs)
    # Only what was on its way when a run was killed is asked for again.
    for asked_of in (site, other):
        asked = Counter(path for path in asked_of.paths if path.startswith("/song/"))
        assert asked.total() <= len(songs) + 2 * kills


def test_a_site_that_stops_fails_the_job_which_tells_what_it_has(
    site: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with web() as other:
        publish(other, {"blorp": [SHARED]}, as_second=True)
        other.pages["/robots.txt"] = Reply(status=500)
        one, two = first(site.address, retries=0), second(other.address, retries=0)
        conf = declare(tmp_path / "conf", one=one, two=two)
        monkeypatch.setenv("HITCAST_CONF", str(conf))
        assert status_here(extract_job, "--use-case", "verses", "--home", tmp_path) == 1
    out, told = capsys.readouterr()
    counts = json.loads(out.splitlines()[-1])
    assert counts["fetched"] == len(MANY) + 1
    assert "robots.txt" in counts["sites"]["two"]["stopped"]
    assert told.splitlines()[-1].startswith("error: two: expected http://127.0.0.1:")
    assert without_words(out, told)
    assert len(rows_in(tmp_path / "extracts")) == len(MANY) + 1


def test_options_name_sites_a_folder_and_a_number(
    site: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    off = {**first(site.address), "permitted": False}
    monkeypatch.setenv("HITCAST_CONF", str(declare(tmp_path, one=first(site.address), two=off)))
    words = ("--use-case", "verses", "--out", tmp_path / "out", "--limit", "2")
    told = last_line_here(extract_job, *words)
    assert (told["sites"].keys(), told["fetched"]) == ({"one"}, 2)
    assert len(rows_in(tmp_path / "out")) == 2
    capsys.readouterr()
    assert status_here(extract_job, *words, "--site", "two") == 1
    assert "permitted: true of ['two']" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        status_here(extract_job, "--limit", "0")
    assert "a whole number from 1 on" in capsys.readouterr().err


@pytest.mark.slow
def test_the_job_loads_neither_spark_nor_mlflow() -> None:
    code = "import sys, jobs.extract; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env=activated(PYTHONPATH="src:."),
    ).stdout  # fmt: skip
    assert not {"pyspark", "mlflow", "pandas", "numpy"} & set(loaded.split())
