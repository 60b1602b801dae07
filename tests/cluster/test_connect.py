"""Ingest and train give over Spark Connect, with no JVM within reach, what they give elsewhere."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from rehearsal.connect import server
from tests.cluster.conftest import DAY, trained_locally
from tests.cluster.test_jobs import table
from tests.ingest.books import TABLES
from tests.jobs.commands import last_line, run

pytestmark = [pytest.mark.spark, pytest.mark.nightly]


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, as the rehearsal starts it."""
    with server(tmp_path_factory.mktemp("connect")) as address:
        yield address


@pytest.fixture(scope="module")
def home(remote: str, extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose tables were ingested over Connect."""
    home = Home(tmp_path_factory.mktemp("over-connect"))
    words: list[str | Path] = ["jobs/ingest.py", "--csv", extract, "--extraction-date", str(DAY)]
    run(sys.executable, *words, "--home", home.folder, SPARK_REMOTE=remote)
    return home


@pytest.mark.slow
def test_the_tables_are_the_same(home: Home, local_home: Home) -> None:
    for name in TABLES:
        assert table(home, name) == table(local_home, name)


@pytest.mark.parametrize(
    "families",
    [
        pytest.param(["random_forest"], marks=pytest.mark.slow),
        pytest.param(["logistic_regression", "gradient_boosted_trees"], marks=pytest.mark.nightly),
    ],
)
def test_models_are_the_same_and_xgboost_is_left_out(
    spark: SparkSession,
    spotify: UseCase,
    remote: str,
    home: Home,
    local_home: Home,
    families: list[str],
) -> None:
    words: list[str | Path] = ["jobs/train.py", "--trials", "1", "--folds", "2"]
    words += ["--home", home.folder]
    done = run(
        sys.executable, *words, "--candidates", *families, "xgboost", SPARK_REMOTE=remote
    )  # fmt: skip
    assert "xgboost is left out: XGBoost trains in RDDs" in done.stderr
    told: dict[str, Any] = last_line(done)
    expected = trained_locally(spark, spotify, local_home, families)
    for name in ("best", "parameters", "rows", "families", "test", "threshold"):
        assert told[name] == expected[name]
    # The pipeline itself is in MLflow, and nothing of the hand-over is left.
    tags = Registry(home, "spotify").version(told["version"]).tags
    assert list(home.artifacts.rglob("sparkml/metadata")) and tags["hitcast.spark_model"]
    assert list(home.scratch.iterdir()) == []


@pytest.mark.slow
def test_xgboost_alone_is_refused(remote: str, home: Home) -> None:
    words: list[str | Path] = ["jobs/train.py", "--home", home.folder, "--candidates", "xgboost"]
    done = run(sys.executable, *words, status=1, SPARK_REMOTE=remote)
    assert "error: expected a candidate that this session can fit, got xgboost" in done.stderr
