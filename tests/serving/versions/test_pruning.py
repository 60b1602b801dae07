import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest

from hitcast.declaration.experiment import Experiment
from hitcast.declaration.use_case import UseCase
from hitcast.running.files import write_whole
from serving.experiments.changing import begun
from serving.experiments.kept import ExperimentFile
from serving.files import bytes_in
from serving.row_models import example
from serving.versions.cache import ScorerCache
from serving.versions.last_good import keep_last_good
from serving.versions.pruning import FRESH_SECONDS, prune, tidy
from serving.versions.served import MANY, Served
from serving.versions.snapshot import Snapshot, VersionInfo
from serving.versions.state import State
from serving.versions.warm import WarmVersions
from serving.versions.workers import WORKERS, Mark, Report
from tests.serving.conftest import insights_of
from tests.small_models import make_scorer, make_track_scorer

VERSIONS = {number: VersionInfo(number, f"run{number}") for number in range(1, 13)}


@pytest.fixture
def cache(tmp_path: Path) -> ScorerCache:
    """Twelve versions, last used long ago, those with small numbers first."""
    cache = ScorerCache(tmp_path / "cache")
    scorer = make_scorer(tmp_path / "scorer", 1.0)
    for number, info in VERSIONS.items():
        cache.add(info.place, scorer)
        used(cache, number, ago=FRESH_SECONDS + 1000 - number)
    return cache


def used(cache: ScorerCache, number: int, *, ago: float) -> None:
    os.utime(cache.place(VERSIONS[number].place), times=(time.time() - ago,) * 2)


def numbers(cache: ScorerCache) -> list[int]:
    return sorted(int(name.partition("-")[0]) for name in cache.names())


def test_an_experiment_s_copies_stay_though_nobody_names_them(cache: ScorerCache) -> None:
    arms = [{"alias": "a"}, {"alias": "b"}]
    experiment = Experiment.model_validate({"name": "one", "arms": arms})
    file = ExperimentFile(cache.folder)
    file.keep(begun(experiment, {"a": VERSIONS[1], "b": VERSIONS[2]}))
    # Neither an alias nor a version of them is in the registry any more.
    seen = Snapshot({number: info for number, info in VERSIONS.items() if number > 2}, {})
    prune(cache.folder, seen)
    assert numbers(cache) == [1, 2, 10, 11, 12]
    file.clear()
    prune(cache.folder, seen)
    assert numbers(cache) == [10, 11, 12]


def test_copies_that_nobody_names_or_uses_go(cache: ScorerCache) -> None:
    seen = Snapshot(VERSIONS, {"production": 1, "staging": 2})
    # Version 3 was selected by a call, 4 was the last that was good, 5 answers in a worker whose
    # settings name it, 6 is waited for; 7 was used a minute ago.
    write_whole(cache.folder / "selection.json", '{"alias": null, "version": 3}')
    keep_last_good(cache.folder, VERSIONS[4])
    worker = Mark(cache.folder)
    worker.tell(Report(version=5, place=VERSIONS[5].place))
    (cache.folder / "wanted").mkdir()
    (cache.folder / "wanted" / "6").touch()
    used(cache, 7, ago=60)
    prune(cache.folder, seen)
    # Of the others, the last three used stay: 7, 12 and 11.
    assert numbers(cache) == [1, 2, 3, 4, 5, 6, 7, 11, 12]
    worker.close()
    prune(cache.folder, seen)
    assert numbers(cache) == [1, 2, 3, 4, 6, 7, 11, 12]
    assert not list((cache.folder / "versions").glob(".*"))


def test_what_has_just_been_brought_stays_whatever_came_with_it(cache: ScorerCache) -> None:
    for number in VERSIONS:
        used(cache, number, ago=1)
    prune(cache.folder, Snapshot(VERSIONS, {"production": 1}))
    assert len(numbers(cache)) == 12


def test_a_loaded_version_answers_on_when_its_copy_has_gone(
    tmp_path: Path, spotify: UseCase
) -> None:
    cache, info = ScorerCache(tmp_path / "cache"), VERSIONS[1]
    scorer = make_track_scorer(tmp_path / "scorer", spotify, 0.0)
    insights_of(spotify).save(scorer)
    cache.add(info.place, scorer)
    served = Served(info, cache.check(info.place), spotify)
    cache.drop(info.place)
    shutil.rmtree(cache.folder)
    row = example(spotify, optional=False)
    assert served.insights is not None
    assert served.insights.by == "genre"
    assert served.score([row] * MANY).chances == pytest.approx(
        [*served.score([row]).chances] * MANY
    )


def test_a_version_in_use_is_dated_at_most_once_a_minute(tmp_path: Path, spotify: UseCase) -> None:
    cache, info = ScorerCache(tmp_path / "cache"), VERSIONS[1]
    cache.add(info.place, make_track_scorer(tmp_path / "scorer", spotify, 0.0))
    warm = WarmVersions(cache.folder, spotify, 2, State(cache.folder))
    begun = cache.stamp(info.place)
    used(cache, 1, ago=500)
    asyncio.run(warm.load(info))
    assert cache.used_at(info.place) > time.time() - 100
    used(cache, 1, ago=500)
    asyncio.run(warm.load(info))
    assert cache.used_at(info.place) < time.time() - 100
    assert cache.stamp(info.place) == begun, "being used makes it no other copy"


def test_what_a_killed_poller_left_half_made_goes(cache: ScorerCache) -> None:
    folder = cache.folder
    left = [
        folder / "versions" / ".9-run9.1a2b3c4d" / "card.json",
        folder / ".scratch-x1" / "model" / "scorer" / "model.onnx",
        folder / "tmpabcdefgh" / "model.onnx",
        folder / ".registry.json.4711",
        folder / ".selection.json.4711-12ab34cd",
        folder / WORKERS / ".4711-12ab34cd",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, times=(time.time() - 500,) * 2)
    (fresh := folder / ".last_good.json.4712-12ab34cd").write_text("{")
    tidy(folder)
    assert not [path for path in left if path.exists()]
    assert fresh.exists(), "a worker may be writing it"
    assert sorted(path.name for path in folder.iterdir()) == [fresh.name, "versions", WORKERS]
    assert len(numbers(cache)) == 12


def test_the_cache_is_measured(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(bytes(700))
    (tmp_path / ".y").write_bytes(bytes(24))
    assert bytes_in(tmp_path) == 724
    assert bytes_in(tmp_path / "none") == 0
