import asyncio
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from serving.versions import news, poller, poller_keeper
from serving.versions.asking import WANTED, asked
from serving.versions.news import SILENT_SECONDS, RegistryNews
from serving.versions.poller_keeper import WELL_SECONDS, Pauses, PollerKeeper
from serving.versions.snapshot import Snapshot
from tests.serving.conftest import settings_of


def test_pauses_between_starts_grow_until_a_poller_has_run_well() -> None:
    pauses = Pauses()
    short = [pauses.after(1.0, meant=False) for _ in range(9)]
    assert short == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert pauses.after(WELL_SECONDS, meant=False) == 0.5
    assert pauses.after(1.0, meant=False) == 1
    assert pauses.after(1.0, meant=True) == 0.5, "it makes room for a new database"


def test_a_poller_that_can_t_be_started_is_tried_again_for_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(poller_keeper, "FIRST_SECONDS", 0.01)
    monkeypatch.setattr(poller_keeper, "LONGEST_SECONDS", 0.01)
    monkeypatch.setattr(poller_keeper, "STEP_SECONDS", 0.01)
    keeper = PollerKeeper(["here"], None)
    program = tmp_path / "poller"
    keeper._command = [str(program)]

    async def kept() -> None:
        task = asyncio.create_task(keeper.keep())
        await asyncio.sleep(0.05)
        assert not task.done()
        # Now there is a program; it fails at once, again and again.
        program.write_text(f"#!/bin/sh\necho x >> {tmp_path / 'starts'}\nexit 1\n")
        program.chmod(0o755)
        while not _starts(tmp_path) >= 3:
            assert not task.done()
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(kept(), 30))


def _starts(folder: Path) -> int:
    path = folder / "starts"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_the_poller_ends_with_its_keeper(tmp_path: Path) -> None:
    keeper = PollerKeeper(["here"], None)
    mark = tmp_path / "begun"
    told = f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(600)"
    keeper._command = [sys.executable, "-c", told]

    async def kept() -> int:
        task = asyncio.create_task(keeper._run())
        while not mark.exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return 1

    assert asyncio.run(asyncio.wait_for(kept(), 30))


def test_a_slow_poller_is_not_called_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings_of(poll_seconds=300.0).poll_seconds == 300.0
    now = [0.0]
    # This module's clock alone: other threads live by the real one.
    monkeypatch.setattr(news, "time", SimpleNamespace(monotonic=lambda: now[0], time=time.time))
    quick, slow = RegistryNews(tmp_path, 1.0), RegistryNews(tmp_path, 300.0)
    now[0] = 2 * SILENT_SECONDS
    assert quick.problem(Snapshot()) == "no news of the registry"
    assert slow.problem(Snapshot()) is None
    now[0] = 1000.0
    assert slow.problem(Snapshot()) == "no news of the registry"


def test_a_slow_poller_looks_at_once_when_a_version_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds
        slept.append(seconds)
        if now[0] == 3.0:
            (tmp_path / WANTED).mkdir()
            (tmp_path / WANTED / "3").touch()

    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=sleep)
    monkeypatch.setattr(poller, "time", clock)
    parent = os.getppid()
    poller._wait(300.0, 0.5, parent, lambda: asked(tmp_path, 0.0))
    assert now[0] == 3.0
    # After a look that failed, it is not asked for again at once.
    poller._wait(300.0, 10.0, parent, lambda: asked(tmp_path, 0.0))
    assert now[0] == 13.0
    # What was asked before the last look has had its answer.
    poller._wait(60.0, 0.5, parent, lambda: asked(tmp_path, time.time() + 1))
    assert now[0] == 73.0
    poller._wait(300.0, 0.5, -1, lambda: False)
    assert now[0] == 73.0, "the worker has ended"
