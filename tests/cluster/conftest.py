"""What the tests on a cluster compare with: tables and a training of one machine alone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest import ingest
from hitcast.running.home import Home
from hitcast.sources.csv import csv_extract
from hitcast.sources.twin import write_twin
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.options import build_options
from hitcast.training.trainer import train
from tests.cluster.standalone import Cluster, standalone

ROWS = 1500
DAY = date(2026, 1, 1)
FAMILY = "xgboost"
"""The one whose fit does not survive a lost worker by itself."""
FAMILIES = ["logistic_regression", FAMILY]


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
def local_home(
    classic_session: SparkSession,
    spotify: UseCase,
    extract: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Home:
    """A home into which the tests' session, on this machine alone, has brought the extract."""
    home = Home(tmp_path_factory.mktemp("local"))
    lakehouse = Lakehouse(classic_session, home.lakehouse, spotify.name)
    ingest(spotify, lakehouse, csv_extract(extract, spotify), DAY)
    return home


def trained_locally(
    spark: SparkSession, use_case: UseCase, home: Home, families: list[str]
) -> dict[str, Any]:
    """What a training of a home tells, by the tests' session."""
    options = build_options(use_case, candidates=families, trials=1, folds=2)
    return train(spark, use_case, home, options)


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers."""
    with standalone(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(scope="session")
def cluster_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home for jobs that run on the cluster."""
    return Home(tmp_path_factory.mktemp("on-cluster"))
