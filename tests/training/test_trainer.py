"""Whole trainings, small: real Spark, real Delta, real MLflow."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.sections import Cost
from hitcast.declaration.use_case import UseCase
from hitcast.errors import ParityError, SourceError
from hitcast.models.connection import connect
from hitcast.models.metrics import Array
from hitcast.models.registry import Registry
from hitcast.portable.blend import Blend
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.training import members, winner
from hitcast.training.blending import Chosen, choose
from hitcast.training.data import to_columns
from hitcast.training.judge import judge_staging
from hitcast.training.rows import Rows
from hitcast.training.scores import collect_scores
from hitcast.training.split import ROW
from hitcast.training.trainer import train
from tests.planted import FAMILIES, Trained, home_with, quick, track_rows, train_all

pytestmark = pytest.mark.spark


def runs(home: Home, level: str) -> list[mlflow.entities.Run]:
    # Not by MLflow's own call, which leaves the home in the environment for all tests after it.
    connect(home, create=False)
    found: list[mlflow.entities.Run] = mlflow.search_runs(
        search_all_experiments=True,
        filter_string=f"tags.`hitcast.level` = '{level}'",
        output_format="list",
    )
    return found


@pytest.fixture(scope="module")
def waiting(
    spark: SparkSession,
    spotify: UseCase,
    tracks: pd.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Home, dict[str, Any]]:
    """A home with one training that promoted nothing, and what it told."""
    home = home_with(spark, spotify, tmp_path_factory.mktemp("waiting"), tracks)
    return home, train(spark, spotify, home, quick(spotify, "logistic_regression", promote=False))


def test_a_training_registers_what_it_measured(
    waiting: tuple[Home, dict[str, Any]], tracks: pd.DataFrame, tmp_path: Path
) -> None:
    home, told = waiting
    assert (told["version"], told["aliases"]) == (1, ["staging"])
    assert told["parity_max_abs_diff"] <= 1e-9
    json.dumps(told)

    registry = Registry(home, "spotify")
    version = registry.version(1)
    assert version.tags["hitcast.generated"] == "true"
    assert version.tags["table_version"] == "0"
    scorer = Scorer.load(registry.download_scorer(1, tmp_path / "copy"))
    for column in scorer.card.inputs:
        if column.kind == "number":
            held = tracks[column.name]
            assert column.seen is not None
            assert held.min() <= column.seen[0] <= column.seen[1] <= held.max()
    assert scorer.card.threshold == told["threshold"]
    assert scorer.card.generated

    (run,) = runs(home, "training")
    assert run.data.metrics["test_average_precision"] == told["test"]["average_precision"]
    assert run.data.metrics["cv_average_precision"] == told["cv"]["average_precision"]
    assert {"git_commit", "seed", "table_version"} <= set(run.data.tags)
    files = {f.path for f in mlflow.MlflowClient().list_artifacts(run.info.run_id)}
    assert {"report.html", "roc.png", "precision_recall.png", "calibration.png"} <= files
    assert {"confusion.png", "importances.png", "views.json"} <= files
    for name in ("test", "known", "unseen", "cross_validated", "latest", "with", "without"):
        # So few tracks are not of both classes in all of them.
        assert run.data.metrics[f"view_{name}_rows"] > 0, name
    assert "view_cross_validated_average_precision_low" in run.data.metrics
    seen = run.data.metrics["view_test_average_precision"]
    assert seen == pytest.approx(told["test"]["average_precision"])
    assert "view_gain_average_precision" in run.data.metrics
    assert len(runs(home, "family")) == len(runs(home, "trial")) == 1

    loaded = mlflow.spark.load_model(version.tags["hitcast.spark_model"])
    assert len(loaded.stages) == 4


def test_without_promotion_a_version_waits_as_staging_until_it_is_judged(
    spark: SparkSession, spotify: UseCase, waiting: tuple[Home, dict[str, Any]]
) -> None:
    home, told = waiting
    assert told["aliases"] == ["staging"]
    registry = Registry(home, "spotify")
    judged = judge_staging(lambda: spark, registry, spotify, home)
    assert (judged["version"], judged["alias"], judged["decision"]) == (1, "production", "promoted")
    assert registry.aliases() == {"production": 1}


@pytest.mark.slow
def test_failing_parity_stops_the_training_before_anything_is_registered(
    spark: SparkSession,
    spotify: UseCase,
    tracks: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = home_with(spark, spotify, tmp_path, tracks)
    # No tolerance is below zero, so even equal probabilities fail: the check itself is real.
    monkeypatch.setattr(winner, "tolerance_for", lambda _: -1.0)
    with pytest.raises(ParityError):
        train(spark, spotify, home, quick(spotify, "logistic_regression"))
    assert Registry(home, "spotify").versions() == []
    assert [run.info.status for run in runs(home, "training")] == ["FAILED"]


def test_a_training_without_a_gold_table_says_what_to_run(
    spark: SparkSession, spotify: UseCase, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"expected the gold table.*run jobs/ingest.py"):
        train(spark, spotify, Home(tmp_path), quick(spotify, "logistic_regression"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_recovers_a_planted_rule_and_exports_exactly(
    planted: Trained, family: str
) -> None:
    finished = planted.finished[family]
    assert finished.test["areaUnderROC"] > 0.97
    assert planted.told["families"][family]["areaUnderROC"] > 0.97
    assert finished.parity.max_abs_diff <= (1e-6 if family == "xgboost" else 1e-9)


@pytest.mark.slow
def test_the_best_family_is_the_first_version_and_goes_to_production(planted: Trained) -> None:
    told = planted.told
    assert (told["version"], told["aliases"]) == (1, ["production"])
    scores = {name: cv["average_precision"] for name, cv in told["families"].items()}
    assert set(scores) == set(FAMILIES)
    assert list(planted.families) == sorted(scores, key=lambda name: -scores[name])
    assert list(told["members"]) == sorted(told["members"], key=lambda name: -scores[name])
    if len(told["members"]) == 1:
        assert scores[told["best"]] == max(scores.values())
    assert told["test"] == planted.finished[told["best"]].test
    assert len(runs(planted.home, "family")) >= len(FAMILIES)


@pytest.mark.slow
def test_several_families_answer_as_one_and_stay_on_their_runs(
    spark: SparkSession,
    spotify: UseCase,
    tracks: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = home_with(spark, spotify, tmp_path / "home", tracks)

    def blended(rows: Rows, families: Sequence[Array], metric: str, cost: Cost | None) -> Chosen:
        found = choose(rows, families, metric, cost)
        return replace(found, members=(0, 1), blend=Blend((0.6, 0.3), -0.1))

    # Which of them gain is for other tests: here two do.
    monkeypatch.setattr(members, "choose", blended)
    pair = ("logistic_regression", "random_forest")
    told = train(spark, spotify, home, quick(spotify, *pair, promote=False))
    assert told["best"] == "ensemble"
    assert set(told["members"]) == set(told["parameters"]) == set(pair)
    assert told["parity_max_abs_diff"] <= 1e-9
    registry = Registry(home, "spotify")
    tags = registry.version(1).tags
    models = [mlflow.spark.load_model(uri) for uri in tags["hitcast.spark_model"].split(", ")]
    asked = track_rows(spark, spotify, tracks.head(50)).withColumn(
        ROW, F.monotonically_increasing_id()
    )
    scores = [collect_scores(model, asked, 2).probability for model in models]
    scorer = Scorer.load(registry.download_scorer(1, tmp_path / "copy"))
    assert [member.family for member in scorer.card.members] == list(told["members"])
    found = scorer.probabilities(to_columns(asked.toPandas(), [c.name for c in spotify.features]))
    assert found == pytest.approx(Blend((0.6, 0.3), -0.1).probabilities(scores), abs=1e-9)


@pytest.mark.nightly
@pytest.mark.slow
def test_a_training_is_repeated_by_seed_whatever_other_families_it_tries(
    spark: SparkSession, spotify: UseCase, planted: Trained, tmp_path: Path
) -> None:
    before = len(Registry(planted.home, "spotify").versions())
    pair = ("logistic_regression", "xgboost")
    again = train_all(spark, spotify, planted.home, tmp_path, *pair)
    assert (again.told["version"], again.told["aliases"]) == (before + 1, ["staging"])
    assert set(again.families) == set(pair)
    for family in pair:
        first, second = planted.families[family].best, again.families[family].best
        assert second.parameters == first.parameters
        assert second.threshold == first.threshold
        assert second.fold_metrics == first.fold_metrics
        assert again.told["families"][family] == planted.told["families"][family]
        assert again.finished[family].test == planted.finished[family].test
        assert again.finished[family].threshold == planted.finished[family].threshold
