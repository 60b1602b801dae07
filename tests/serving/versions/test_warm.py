"""What can't be served and what is broken, told apart; who may remove a copy."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from serving.versions import default, refusals
from serving.versions.asking import BROKEN, WANTED
from serving.versions.cache import BrokenCopyError, ScorerCache
from serving.versions.refusals import NotReadyError
from serving.versions.selection import Selection
from serving.versions.served import Served
from serving.versions.snapshot import Snapshot, VersionInfo
from serving.versions.state import State
from serving.versions.switch import Switchboard
from serving.versions.warm import WarmVersions
from tests.small_models import make_scorer, make_track_scorer

GOOD, ODD = VersionInfo(1, "a"), VersionInfo(2, "b")


@pytest.fixture
def cache(tmp_path: Path, spotify: UseCase) -> ScorerCache:
    """Version 1 can be served, version 2 asks for an input that nobody declares."""
    cache = ScorerCache(tmp_path / "cache")
    cache.add(GOOD.place, make_track_scorer(tmp_path / "good", spotify, 0.0))
    cache.add(ODD.place, make_scorer(tmp_path / "odd", 1.0))
    return cache


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each version's files were read."""
    counted: Counter[int] = Counter()
    load = Served.__init__

    def count(self: Served, info: VersionInfo, *more: Any) -> None:
        counted[info.number] += 1
        load(self, info, *more)

    monkeypatch.setattr(Served, "__init__", count)
    return counted


def warm_of(cache: ScorerCache, use_case: UseCase) -> WarmVersions:
    return WarmVersions(cache.folder, use_case, 2, State(cache.folder))


def asked_of_poller(cache: ScorerCache) -> list[str]:
    return [path.name for kind in (WANTED, BROKEN) for path in (cache.folder / kind).glob("*")]


def test_what_can_t_be_served_is_neither_fetched_nor_read_again(
    cache: ScorerCache, spotify: UseCase, loads: Counter[int], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(default, "RETRY_SECONDS", 0.0)

    async def followed() -> None:
        seen = Snapshot({1: GOOD, 2: ODD}, {"production": 1})
        seen.save(cache.folder)
        board = Switchboard(cache.folder, spotify, Selection("production"), kept=2)
        await board.look()
        Snapshot(seen.versions, {"production": 2}).save(cache.folder)
        before = cache.stamp(ODD.place)
        for _ in range(5):
            await board.look()
            with pytest.raises(NotReadyError, match=r"can't be served: the model asks for \['x'\]"):
                await board.find(None, 2)
        assert board.default is not None
        assert board.default.number == 1
        assert "asks for ['x']" in (board.problem or "")
        assert "asks for ['x']" in board.crowd.refused()[ODD.place]
        assert cache.stamp(ODD.place) == before, "the copy is still there"
        assert loads[2] == 1
        assert asked_of_poller(cache) == []
        # Other files under the same name: they may be better.
        cache.add(ODD.place, make_track_scorer(tmp_path / "new", spotify, 1.0))
        await board.look()
        assert (board.default.number, board.problem) == (2, None)
        assert board.crowd.refused() == {}

    asyncio.run(followed())


def test_a_new_process_tries_anew_what_another_could_not_serve(
    cache: ScorerCache, spotify: UseCase, loads: Counter[int]
) -> None:
    for _ in range(2):
        with pytest.raises(HitcastError, match="asks for"):
            asyncio.run(warm_of(cache, spotify).load(ODD))
    assert loads[2] == 2


def test_a_worker_reports_a_broken_copy_and_removes_nothing(
    cache: ScorerCache, spotify: UseCase, tmp_path: Path
) -> None:
    warm = warm_of(cache, spotify)
    (cache.place(GOOD.place) / "card.json").write_text("{}")

    async def found() -> None:
        for _ in range(2):
            with pytest.raises(BrokenCopyError, match="not what was copied"):
                await warm.load(GOOD)
        assert cache.has(GOOD.place)
        assert not warm.has(GOOD)
        assert asked_of_poller(cache) == [GOOD.place]
        cache.add(GOOD.place, make_track_scorer(tmp_path / "again", spotify, 0.0))
        assert warm.has(GOOD)
        assert (await warm.load(GOOD)).number == 1

    asyncio.run(found())


def test_a_good_copy_that_came_in_between_stays(
    cache: ScorerCache, spotify: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One worker sees a broken copy; by the time it acts, the poller has put a good one there."""
    warm = warm_of(cache, spotify)
    check = ScorerCache.check
    (cache.place(GOOD.place) / "card.json").write_text("{}")

    def late(self: ScorerCache, name: str) -> Path:
        try:
            return check(self, name)
        finally:
            monkeypatch.setattr(ScorerCache, "check", check)
            cache.add(GOOD.place, make_track_scorer(tmp_path / "again", spotify, 0.0))

    monkeypatch.setattr(ScorerCache, "check", late)

    async def found() -> None:
        with pytest.raises(BrokenCopyError):
            await warm.load(GOOD)
        assert warm.has(GOOD)
        assert (await warm.load(GOOD)).number == 1

    asyncio.run(found())


def test_files_that_can_t_be_read_for_a_moment_are_nothing_against_a_version(
    cache: ScorerCache, spotify: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm = warm_of(cache, spotify)

    def fails(*_: object) -> Path:
        raise OSError(24, "Too many open files", "/srv/x")

    async def found() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(ScorerCache, "check", fails)
            with pytest.raises(NotReadyError, match=r"can't be read now \(too many open files\)"):
                await warm.load(GOOD)
        assert (await warm.load(GOOD)).number == 1

    asyncio.run(found())


def test_a_failure_that_is_not_of_the_model_s_own_saying_is_tried_again_later(
    cache: ScorerCache, spotify: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm = warm_of(cache, spotify)

    def fails(*_: object) -> None:
        raise RuntimeError("bad allocation at /srv/x")

    async def found() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Served, "__init__", fails)
            for _ in range(2):
                with pytest.raises(HitcastError, match=r"can't be loaded \(RuntimeError\)"):
                    await warm.load(GOOD)
        with pytest.raises(HitcastError, match=r"can't be loaded \(RuntimeError\)"):
            await warm.load(GOOD)
        now = time.monotonic()
        later = SimpleNamespace(monotonic=lambda: now + refusals.UNSURE_SECONDS)
        monkeypatch.setattr(refusals, "time", later)
        assert (await warm.load(GOOD)).number == 1

    asyncio.run(found())
