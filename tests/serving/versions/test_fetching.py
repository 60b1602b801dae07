"""The poller's side of the cache: what it brings, replaces and leaves alone."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.versions import fetching
from serving.versions.asking import BROKEN
from serving.versions.cache import BrokenCopyError, ScorerCache
from serving.versions.registry_poller import RegistryPoller
from serving.versions.snapshot import Snapshot, VersionInfo
from tests.serving.full_disk import fill, small_disk


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each version was downloaded."""
    counted: Counter[int] = Counter()
    download = Registry.download_scorer

    def count(self: Registry, number: int, folder: Path) -> Path:
        counted[number] += 1
        return download(self, number, folder)

    monkeypatch.setattr(Registry, "download_scorer", count)
    return counted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def reported(folder: Path, info: VersionInfo) -> Path:
    """A worker's word that a copy is broken."""
    mark = folder / BROKEN / info.place
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    return mark


def test_a_copy_that_a_worker_found_broken_is_replaced_if_it_is(
    home: Home, folder: Path, fetched: Counter[int]
) -> None:
    poller, cache = RegistryPoller(home, "spotify", folder), ScorerCache(folder)
    poller.look()
    info = Snapshot.load(folder).versions[1]
    assert fetched == {1: 1, 2: 1}
    (cache.place(info.place) / "card.json").write_text("{}")
    poller.look()
    assert fetched[1] == 1, "nobody has looked at it"
    mark = reported(folder, info)
    poller.look()
    assert fetched[1] == 2
    cache.check(info.place)
    assert not mark.exists()
    # A word that comes late, when a good copy is in its place: nothing is fetched, but dated
    # anew, so that the worker which could not read it tries again.
    mark, before = reported(folder, info), cache.stamp(info.place)
    poller.look()
    assert fetched[1] == 2
    assert not mark.exists()
    assert cache.stamp(info.place) != before


def test_a_broken_copy_stays_until_there_is_a_better_one(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller, cache = RegistryPoller(home, "spotify", folder), ScorerCache(folder)
    poller.look()
    info = Snapshot.load(folder).versions[1]
    (cache.place(info.place) / "card.json").write_text("{}")
    mark = reported(folder, info)

    def fails(*_: object) -> Path:
        raise ConnectionError("no route to /srv/x")

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "download_scorer", fails)
        poller.look()
        found = Snapshot.load(folder)
        assert found.versions[1].problem == "its scorer can't be fetched (ConnectionError)"
        assert mark.exists()
        with pytest.raises(BrokenCopyError):
            cache.check(info.place)
    monkeypatch.setattr(fetching, "time", SimpleNamespace(monotonic=lambda: 1e12))
    poller.look()
    cache.check(info.place)
    assert Snapshot.load(folder).versions[1].problem is None


def test_a_version_that_is_broken_where_it_is_kept_never_enters_the_cache(
    home: Home, folder: Path, fetched: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in (home.folder / "mlruns").rglob("model.onnx"):
        model.write_bytes(b"no graph")
    poller = RegistryPoller(home, "spotify", folder)
    times, now = [], 1e9
    monkeypatch.setattr(fetching, "time", SimpleNamespace(monotonic=lambda: now))
    for _ in range(5000):
        before = fetched[1]
        poller.look()
        if fetched[1] > before:
            times.append(now)
        if len(times) == 10:
            break
        now += 5.0 if len(times) < 7 else 100.0
    assert Snapshot.load(folder).versions[1].problem == (
        "its scorer is broken (model.onnx is not the one of its card.json)"
    )
    assert ScorerCache(folder).names() == []
    pauses = [after - begun for begun, after in zip(times, times[1:], strict=False)]
    assert pauses[:6] == [10, 20, 40, 80, 160, 320]
    assert pauses[-1] == fetching.BROKEN_SECONDS, "each try fetches all of it"


def test_a_full_disk_leaves_nothing_half_made_and_ends_with_room(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "RETRY_SECONDS", 0.0)
    with small_disk(tmp_path / "disk", "1m") as folder:
        poller, filler = RegistryPoller(home, "spotify", folder), fill(folder)
        poller.look()
        assert not poller.is_written
        assert "can't be written down" in (poller.problem or "")
        assert {path.name for path in folder.rglob("*")} <= {"filler", "versions"}
        filler.unlink()
        poller.look()
        assert poller.is_written
        assert poller.problem is None
        assert len(ScorerCache(folder).names()) == 2
        assert Snapshot.load(folder).aliases == {"production": 1, "staging": 2}
