"""Which version answers, and under which name, whatever comes in between."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from hitcast.declaration.use_case import UseCase
from serving.versions.cache import ScorerCache
from serving.versions.selection import Selection
from serving.versions.served import Served
from serving.versions.snapshot import Snapshot, VersionInfo
from serving.versions.switch import Switchboard
from serving.versions.warm import WarmVersions
from tests.small_models import make_track_scorer

VERSIONS = {number: VersionInfo(number, f"run{number}") for number in (1, 2, 3)}


@pytest.fixture
def folder(tmp_path: Path, spotify: UseCase) -> Path:
    """A cache with three versions; production is 1 and staging 2."""
    for number, info in VERSIONS.items():
        scorer = make_track_scorer(tmp_path / f"scorer{number}", spotify, float(number))
        ScorerCache(tmp_path / "cache").add(info.place, scorer)
    tell(tmp_path / "cache", production=1, staging=2)
    return tmp_path / "cache"


def tell(folder: Path, **aliases: int) -> None:
    """What the registry says from now on."""
    Snapshot(VERSIONS, aliases).save(folder)


def slowed(monkeypatch: pytest.MonkeyPatch, before: Any) -> None:
    """Have each load of a version wait for `before(number)`, as one of large files does."""
    load = WarmVersions.load

    async def slow(self: WarmVersions, info: VersionInfo) -> Served:
        await before(info.number)
        return await load(self, info)

    monkeypatch.setattr(WarmVersions, "load", slow)


def test_a_switch_while_another_version_loads_has_its_way_under_its_own_name(
    folder: Path, spotify: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interleaved() -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def before(number: int) -> None:
            if number == 3:
                begun.set()
                await go_on.wait()

        slowed(monkeypatch, before)
        board = Switchboard(folder, spotify, Selection("production"), kept=3)
        await board.look()
        # The poller's news: production is 3 now, which takes its time to load.
        tell(folder, production=3, staging=2)
        following = asyncio.create_task(board.look())
        await begun.wait()
        # Meanwhile somebody switches to staging.
        board.select(Selection("staging"))
        switching = asyncio.create_task(board.look())
        for _ in range(20):
            await asyncio.sleep(0.01)
            assert board.default is not None
            assert (board.default.number, board.alias) in [(1, "production"), (2, "staging")]
        go_on.set()
        await asyncio.gather(following, switching)
        assert board.default is not None
        assert (board.default.number, board.alias, board.problem) == (2, "staging", None)

    asyncio.run(interleaved())


@pytest.mark.parametrize("seed", range(5))
def test_random_switches_and_news_never_mix_names_up(
    folder: Path, spotify: UseCase, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    lots = random.Random(seed)
    # Every alias keeps to versions of its own, so that a mixed pair shows.
    own = {"production": (1, 3), "staging": (2,)}

    async def interleaved() -> None:
        async def before(_: int) -> None:
            await asyncio.sleep(lots.choice((0, 0, 0.002, 0.01)))

        slowed(monkeypatch, before)
        board = Switchboard(folder, spotify, Selection("production"), kept=0)
        await board.look()
        tasks = []
        for _ in range(40):
            what = lots.choice(("news", "switch", "look"))
            if what == "news":
                tell(folder, production=lots.choice(own["production"]), staging=2)
            if what == "switch":
                board.select(Selection(lots.choice(tuple(own))))
            tasks.append(asyncio.create_task(board.look()))
            await asyncio.sleep(lots.choice((0, 0.001, 0.004)))
            standing = board.standing
            assert standing is not None
            assert standing.served.number in own[standing.alias or ""]
        await asyncio.gather(*tasks)
        await board.look()
        selected = board.selection.alias or ""
        assert board.default is not None
        assert (board.default.number, board.alias) == (board.snapshot.aliases[selected], selected)

    asyncio.run(interleaved())
