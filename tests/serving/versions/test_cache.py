from pathlib import Path

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import ScorerInputError
from serving.versions.cache import ScorerCache
from serving.versions.served import Served
from serving.versions.snapshot import Snapshot, VersionInfo
from tests.small_models import make_scorer, make_track_scorer


@pytest.fixture
def cache(tmp_path: Path) -> ScorerCache:
    cache = ScorerCache(tmp_path / "cache")
    cache.add("1-a", make_scorer(tmp_path / "scorer", 1.0))
    return cache


def test_a_copy_is_checked_by_hash(cache: ScorerCache) -> None:
    assert cache.has("1-a")
    place = cache.check("1-a")
    (place / "card.json").write_text("{}")
    with pytest.raises(ScorerInputError, match="not what was copied"):
        cache.check("1-a")
    (place / "manifest.json").unlink()
    assert not cache.has("1-a")
    with pytest.raises(ScorerInputError, match="can't be read"):
        cache.check("1-a")


def test_a_copy_is_replaced_and_dropped(cache: ScorerCache, tmp_path: Path) -> None:
    before = (cache.check("1-a") / "model.onnx").read_bytes()
    cache.add("1-a", make_scorer(tmp_path / "other", 2.0))
    assert (cache.check("1-a") / "model.onnx").read_bytes() != before
    cache.drop("1-a")
    assert not cache.has("1-a")


def test_a_model_with_other_inputs_is_refused(cache: ScorerCache, spotify: UseCase) -> None:
    with pytest.raises(ScorerInputError, match=r"asks for \['x'\]"):
        Served(VersionInfo(1, "a"), cache.check("1-a"), spotify)


def test_a_version_without_profiles_still_scores(tmp_path: Path, spotify: UseCase) -> None:
    served = Served(VersionInfo(1, "a"), make_track_scorer(tmp_path, spotify, 0.0), spotify)
    assert served.insights is None
    assert served.unknown({"genre": "pop", "artist_name": "Anyone"}) == ["artist_name"]


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert Snapshot.load(tmp_path) == Snapshot(asked=False)
    version = VersionInfo(2, "run", 5, {"a": "b"}, {"m": 0.5}, "broken")
    snapshot = Snapshot({2: version}, {"production": 2}, "down")
    snapshot.save(tmp_path)
    assert Snapshot.load(tmp_path) == snapshot
    (tmp_path / "registry.json").write_text("{")
    assert Snapshot.load(tmp_path) == Snapshot(asked=False)
