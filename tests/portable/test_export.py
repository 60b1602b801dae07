"""Whole pipelines of every family: the scorer says what Spark says."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.ml.classification import (
    DecisionTreeClassifier,
    GBTClassifier,
    LogisticRegression,
    RandomForestClassifier,
)
from pyspark.sql import SparkSession

from hitcast.portable.parity import tolerance_for
from tests.portable.pipelines import (
    feature_stages,
    fit,
    largest_difference,
    random_rows,
    scorer_of,
)

pytestmark = pytest.mark.spark

FAMILIES = ["logistic_regression", "decision_tree", "random_forest", "boosted_trees", "xgboost"]


def xgboost_classifier(**settings: Any) -> Any:
    from xgboost.spark import SparkXGBClassifier

    return SparkXGBClassifier(num_workers=1, **settings)


def classifier(family: str, rng: np.random.Generator, stages: list[Any]) -> Any:
    """A classifier with random settings."""
    depth, trees = int(rng.integers(1, 8)), int(rng.choice([1, 3, 12]))
    seed = int(rng.integers(1000))
    if family == "logistic_regression":
        return LogisticRegression(
            maxIter=int(rng.integers(1, 30)),
            regParam=float(rng.choice([0.0, 0.01])),
            elasticNetParam=float(rng.choice([0.0, 0.7])),
            family=str(rng.choice(["auto", "binomial", "multinomial"])),
            standardization=bool(rng.random() < 0.5),
            fitIntercept=bool(rng.random() < 0.8),
            threshold=0.9,
        )
    if family == "decision_tree":
        return DecisionTreeClassifier(maxDepth=depth, maxBins=128, seed=seed)
    if family == "random_forest":
        return RandomForestClassifier(
            maxDepth=depth, numTrees=trees, maxBins=128, seed=seed, subsamplingRate=0.8
        )
    if family == "boosted_trees":
        return GBTClassifier(maxDepth=min(depth, 5), maxIter=trees, maxBins=128, seed=seed)
    order = stages[-1].getInputCols()
    kinds = ["c" if name.endswith("_index") else "q" for name in order]
    return xgboost_classifier(
        max_depth=depth,
        n_estimators=int(rng.choice([1, 5, 40])),
        feature_types=kinds if "c" in kinds else None,
        missing=float(rng.choice([np.nan, 0.0])),
        max_cat_to_onehot=int(rng.choice([1, 4, 100])),
        booster=str(rng.choice(["gbtree", "gbtree", "dart"])),
        rate_drop=0.3,
        random_state=seed,
    )


def check(spark: SparkSession, folder: Path, family: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    linear = family == "logistic_regression"
    one_hot = linear or bool(rng.random() < 0.3)
    scaler = str(rng.choice(["none", "standard", "minmax"])) if linear else "none"
    components = int(rng.choice([0, 0, 5])) if linear else 0
    impute = family != "xgboost" or bool(rng.random() < 0.5)  # MLlib trains on no NaN
    stages = feature_stages(rng, one_hot, impute, scaler, components)
    values = int(rng.choice([3, 30, 64, 90, 120]))
    training = random_rows(spark, rng, int(rng.integers(60, 800)), values).cache()
    model = fit(training, stages, classifier(family, rng, stages))
    scorer = scorer_of(model, folder)
    fresh = random_rows(spark, rng, 300, values + 5, unseen=0.2)
    difference = largest_difference(model, scorer, fresh)
    print(family, seed, difference)
    assert difference <= tolerance_for(family), (family, seed)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_scorer_says_what_spark_says(spark: SparkSession, tmp_path: Path, family: str) -> None:
    check(spark, tmp_path, family, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(int(os.environ.get("HITCAST_PARITY_SEEDS", "6"))))
@pytest.mark.parametrize("family", FAMILIES)
def test_random_pipelines_agree_with_spark(
    spark: SparkSession, tmp_path: Path, family: str, seed: int
) -> None:
    check(spark, tmp_path, family, seed=100 + seed)
