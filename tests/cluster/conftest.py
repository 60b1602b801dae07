"""What the tests on a cluster share: an extract, a home that local jobs have filled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hitcast.home import Home
from hitcast.sources.twin import write_twin
from tests.cluster.standalone import Cluster, standalone
from tests.jobs.commands import last_line, run

ROWS = 4000
FAMILIES = ["logistic_regression", "xgboost"]
TRAIN = ["jobs/train.py", "--trials", "1", "--folds", "2", "--candidates"]
"""The command line of a training, to be followed by its families."""


@pytest.fixture(scope="session")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of tracks, some lines of which are broken and some come twice."""
    path = tmp_path_factory.mktemp("extract") / "tracks.csv"
    write_twin(path, ROWS, seed=1)
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    broken = [line.rpartition(",")[0] for line in lines[:40]]
    path.write_text("\n".join([header, *broken, *lines[40:], *lines[100:130]]) + "\n", "utf-8")
    return path


@pytest.fixture(scope="session")
def ingest_words(extract: Path) -> list[str]:
    """The command line of an ingest, without where it runs."""
    return ["jobs/ingest.py", "--csv", str(extract), "--extraction-date", "2026-01-01"]


@pytest.fixture(scope="session")
def local_home(tmp_path_factory: pytest.TempPathFactory, ingest_words: list[str]) -> Home:
    """A home into which a job on this machine alone has brought the extract."""
    home = Home(tmp_path_factory.mktemp("local"))
    run("spark-submit", *ingest_words, "--home", home.folder)
    return home


@pytest.fixture(scope="session")
def trained_locally(local_home: Home) -> dict[str, Any]:
    """What a training on this machine alone has told, of that home's tables."""
    return last_line(run("spark-submit", *TRAIN, *FAMILIES, "--home", local_home.folder))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A master and two workers."""
    with standalone(tmp_path) as started:
        yield started
