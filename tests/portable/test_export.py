"""Whole pipelines of every family: the scorer says what Spark says."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import (
    DecisionTreeClassifier,
    GBTClassifier,
    LogisticRegression,
    RandomForestClassifier,
)
from pyspark.ml.feature import Normalizer, VectorAssembler
from pyspark.ml.tuning import TrainValidationSplitModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.errors import ExportError
from hitcast.portable.card import InputColumn
from hitcast.portable.export import export_pipeline
from hitcast.portable.parity import tolerance_for
from tests.portable.pipelines import (
    feature_stages,
    fit,
    largest_difference,
    random_rows,
    scorer_of,
    spark_probabilities,
)

pytestmark = pytest.mark.spark

# More by hand: HITCAST_PARITY_SEEDS=100.
SEEDS = range(int(os.environ.get("HITCAST_PARITY_SEEDS", "6")))
OFTEN = 2
"""Seeds that run with every change; the others repeat the same, nightly."""
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
    missing = float(rng.choice([np.nan, 0.0]))
    return xgboost_classifier(
        enable_sparse_data_optim=bool(missing == 0.0 and rng.random() < 0.5),
        max_depth=depth,
        n_estimators=int(rng.choice([1, 5, 40])),
        feature_types=kinds if "c" in kinds else None,
        missing=missing,
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
    assert difference <= tolerance_for(family), (family, seed)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_scorer_says_what_spark_says(spark: SparkSession, tmp_path: Path, family: str) -> None:
    check(spark, tmp_path, family, seed=1)


@pytest.mark.parametrize(
    "seed",
    [pytest.param(n, marks=pytest.mark.slow if n < OFTEN else pytest.mark.nightly) for n in SEEDS],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_random_pipelines_agree_with_spark(
    spark: SparkSession, tmp_path: Path, family: str, seed: int
) -> None:
    check(spark, tmp_path, family, seed=100 + seed)


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    values = [("a", 1.0, 0.0), ("b", 2.0, 1.0), ("a", 3.0, 1.0), ("b", 4.0, 0.0)]
    return spark.createDataFrame(values, "t string, n double, label double")


TWO = (InputColumn("t", "text"), InputColumn("n", "number"))


def test_inputs_and_output_have_the_columns_names_and_types(rows: DataFrame) -> None:
    assembler = VectorAssembler(inputCols=["n"], outputCol="features")
    model = Pipeline(stages=[assembler, LogisticRegression()]).fit(rows)
    graph = export_pipeline(model, TWO)
    found = {
        value.name: (value.type.tensor_type.elem_type, len(value.type.tensor_type.shape.dim))
        for value in [*graph.graph.input, *graph.graph.output]
    }
    text, double = onnx.TensorProto.STRING, onnx.TensorProto.DOUBLE
    assert found == {"t": (text, 2), "n": (double, 2), "probability": (double, 1)}


def test_a_stage_without_counterpart_is_named_with_what_is_supported(rows: DataFrame) -> None:
    assembler = VectorAssembler(inputCols=["n"], outputCol="v")
    stages: list[Any] = [
        assembler,
        Normalizer(inputCol="v", outputCol="features"),
        LogisticRegression(),
    ]
    with pytest.raises(ExportError, match="is a Normalizer; a portable scorer supports .*PCA"):
        export_pipeline(Pipeline(stages=stages).fit(rows), TWO)


def test_a_pipeline_without_a_classifier_at_its_end_is_refused(rows: DataFrame) -> None:
    assembler = VectorAssembler(inputCols=["n"], outputCol="v")
    with pytest.raises(ExportError, match="this pipeline ends with VectorAssembler"):
        export_pipeline(Pipeline(stages=[assembler]).fit(rows), TWO)


def test_an_input_with_the_name_of_the_output_is_refused(rows: DataFrame) -> None:
    assembler = VectorAssembler(inputCols=["n"], outputCol="features")
    model = Pipeline(stages=[assembler, LogisticRegression()]).fit(rows)
    with pytest.raises(ExportError, match="has the output's name"):
        export_pipeline(model, [*TWO, InputColumn("probability", "number")])


@pytest.mark.parametrize("estimator", [LogisticRegression, RandomForestClassifier])
def test_more_than_two_classes_are_refused(rows: DataFrame, estimator: Any) -> None:
    three = rows.withColumn("label", F.col("n") % 3)
    assembler = VectorAssembler(inputCols=["n"], outputCol="features")
    model = Pipeline(stages=[assembler, estimator()]).fit(three)
    with pytest.raises(ExportError, match="tells 3 classes apart"):
        export_pipeline(model, TWO)


def test_the_best_model_of_a_search_is_exported(rows: DataFrame, tmp_path: Path) -> None:
    assembler = VectorAssembler(inputCols=["n"], outputCol="features")
    model = Pipeline(stages=[assembler, LogisticRegression()]).fit(rows)
    best: Any = model.stages[-1]
    search = TrainValidationSplitModel(best)
    whole = PipelineModel([model.stages[0], search])
    columns: dict[str, Any] = {"t": ["a"], "n": [2.5]}
    expected = spark_probabilities(model, rows.limit(1).withColumn("n", F.lit(2.5)))
    actual = scorer_of(whole, tmp_path, TWO).probabilities(columns)
    assert actual[0] == pytest.approx(expected[0], abs=1e-12)
