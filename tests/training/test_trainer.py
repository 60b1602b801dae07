"""Whole trainings, small: real Spark, real Delta, real MLflow."""

import json
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import ParityError, SourceError
from hitcast.models.registry import Registry
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.training import winner
from hitcast.training.judge import judge_staging
from hitcast.training.options import TrainOptions, build_options
from hitcast.training.trainer import train
from tests.training.conftest import MakeHome

pytestmark = pytest.mark.spark
FAMILIES = ["logistic_regression", "random_forest", "gradient_boosted_trees", "xgboost"]


def options(
    use_case: UseCase, *candidates: str, seed: int = 0, promote: bool = True
) -> TrainOptions:
    return build_options(
        use_case, candidates=candidates, trials=1, folds=2, seed=seed, promote=promote
    )


def runs(home: Home, level: str) -> list[mlflow.entities.Run]:
    mlflow.set_tracking_uri(home.tracking_uri)
    found: list[mlflow.entities.Run] = mlflow.search_runs(
        search_all_experiments=True,
        filter_string=f"tags.`hitcast.level` = '{level}'",
        output_format="list",
    )
    return found


def test_a_training_registers_judges_and_is_repeated_by_seed(
    spark: SparkSession, spotify: UseCase, make_home: MakeHome, tracks: pd.DataFrame, tmp_path: Path
) -> None:
    home = make_home(tracks)
    asked = options(spotify, "logistic_regression")
    first = train(spark, spotify, home, asked)
    second = train(spark, spotify, home, asked)

    assert (first["version"], first["aliases"]) == (1, ["production"])
    assert (second["version"], second["aliases"]) == (2, ["staging"])
    assert first["parity_max_abs_diff"] <= 1e-9
    for part in ("cv", "test", "threshold", "parameters"):
        assert first[part] == second[part]
    json.dumps(first)

    registry = Registry(home, "spotify")
    version = registry.version(1)
    assert version.tags["hitcast.generated"] == "true"
    assert version.tags["table_version"] == "0"
    scorer = Scorer.load(registry.download_scorer(1, tmp_path / "copy"))
    assert scorer.card.threshold == first["threshold"]
    assert scorer.card.generated

    (run, _) = sorted(runs(home, "training"), key=lambda r: r.info.start_time)
    assert run.data.metrics["test_areaUnderPR"] == first["test"]["areaUnderPR"]
    assert run.data.metrics["cv_areaUnderPR"] == first["cv"]["areaUnderPR"]
    assert {"git_commit", "seed", "table_version"} <= set(run.data.tags)
    files = {f.path for f in mlflow.MlflowClient().list_artifacts(run.info.run_id)}
    assert {"report.html", "roc.png", "precision_recall.png", "calibration.png"} <= files
    assert {"confusion.png", "importances.png"} <= files
    assert len(runs(home, "family")) == len(runs(home, "trial")) == 2

    loaded = mlflow.spark.load_model(version.tags["hitcast.spark_model"])
    assert len(loaded.stages) == 5


def test_without_promotion_a_version_waits_as_staging_until_it_is_judged(
    spark: SparkSession, spotify: UseCase, make_home: MakeHome, tracks: pd.DataFrame
) -> None:
    home = make_home(tracks)
    told = train(spark, spotify, home, options(spotify, "logistic_regression", promote=False))
    assert told["aliases"] == ["staging"]
    registry = Registry(home, "spotify")
    judged = judge_staging(spark, registry, spotify, home)
    assert (judged["version"], judged["alias"], judged["decision"]) == (1, "production", "promoted")
    assert registry.aliases() == {"production": 1}


def test_failing_parity_stops_the_training_before_anything_is_registered(
    spark: SparkSession,
    spotify: UseCase,
    make_home: MakeHome,
    tracks: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = make_home(tracks)
    # No tolerance is below zero, so even equal probabilities fail: the check itself is real.
    monkeypatch.setattr(winner, "tolerance_for", lambda _: -1.0)
    with pytest.raises(ParityError):
        train(spark, spotify, home, options(spotify, "logistic_regression"))
    assert Registry(home, "spotify").versions() == []
    assert [run.info.status for run in runs(home, "training")] == ["FAILED"]


def test_a_training_without_a_gold_table_says_what_to_run(
    spark: SparkSession, spotify: UseCase, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"expected the gold table.*run jobs/ingest.py"):
        train(spark, spotify, Home(tmp_path), options(spotify, "logistic_regression"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_recovers_a_planted_rule_and_exports_exactly(
    spark: SparkSession, spotify: UseCase, make_home: MakeHome, tracks: pd.DataFrame, family: str
) -> None:
    planted = tracks.assign(popularity=np.where(tracks["energy"] > 0.8, 80, 10))
    told = train(spark, spotify, make_home(planted), options(spotify, family))
    assert told["test"]["areaUnderROC"] > 0.97
    assert told["cv"]["areaUnderROC"] > 0.97
    assert told["parity_max_abs_diff"] <= (1e-6 if family == "xgboost" else 1e-9)


@pytest.mark.slow
def test_boosters_too_are_repeated_by_seed(
    spark: SparkSession, spotify: UseCase, make_home: MakeHome, tracks: pd.DataFrame
) -> None:
    home, asked = make_home(tracks), options(spotify, "xgboost", seed=7)
    first, second = (train(spark, spotify, home, asked) for _ in range(2))
    for part in ("cv", "test", "threshold", "parameters"):
        assert first[part] == second[part]


@pytest.mark.slow
def test_nothing_is_found_where_labels_are_shuffled(
    spark: SparkSession, spotify: UseCase, make_home: MakeHome, tracks: pd.DataFrame
) -> None:
    shuffled = np.random.default_rng(0).permutation(np.arange(len(tracks)) % 2 * 60)
    told = train(
        spark, spotify, make_home(tracks.assign(popularity=shuffled)), options(spotify, "xgboost")
    )
    assert told["cv"]["areaUnderROC"] == pytest.approx(0.5, abs=0.06)
    assert told["test"]["areaUnderROC"] == pytest.approx(0.5, abs=0.09)
