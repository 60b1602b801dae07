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
    LogisticRegression,
    RandomForestClassifier,
)
from pyspark.ml.feature import MaxAbsScaler, MinMaxScaler, VectorAssembler
from pyspark.ml.tuning import TrainValidationSplitModel
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.candidates import Family, Scalar
from hitcast.errors import ExportError
from hitcast.portable.card import InputColumn
from hitcast.portable.export import export_pipeline
from hitcast.portable.parity import tolerance_for
from tests.portable.pipelines import (
    fit,
    largest_difference,
    random_rows,
    random_steps,
    scorer_of,
)

pytestmark = pytest.mark.spark

# More by hand: HITCAST_PARITY_SEEDS=100.
SEEDS = range(int(os.environ.get("HITCAST_PARITY_SEEDS", "6")))
OFTEN = 2
"""Seeds that run with every change; the others repeat the same, nightly."""
FAMILIES = ["logistic_regression", "random_forest", "gradient_boosted_trees", "xgboost"]


def parameters(family: Family, rng: np.random.Generator) -> dict[str, Scalar]:
    """Random hyperparameters, as `conf/` can ask for them."""
    depth, trees = int(rng.integers(1, 8)), int(rng.choice([1, 3, 12]))
    if family == "logistic_regression":
        return {
            "maxIter": int(rng.integers(1, 30)),
            "regParam": float(rng.choice([0.0, 0.01])),
            "elasticNetParam": float(rng.choice([0.0, 0.7])),
            "family": str(rng.choice(["auto", "binomial", "multinomial"])),
            "standardization": bool(rng.random() < 0.5),
            "fitIntercept": bool(rng.random() < 0.8),
            "threshold": 0.9,
        }
    if family == "random_forest":
        return {"maxDepth": depth, "numTrees": trees, "maxBins": 128, "subsamplingRate": 0.8}
    if family == "gradient_boosted_trees":
        return {"maxDepth": min(depth, 5), "maxIter": trees, "maxBins": 128}
    missing = float(rng.choice([np.nan, 0.0]))
    return {
        "enable_sparse_data_optim": bool(missing == 0.0 and rng.random() < 0.5),
        "max_depth": depth,
        "n_estimators": int(rng.choice([1, 5, 40])),
        "missing": missing,
        "max_cat_to_onehot": int(rng.choice([1, 4, 100])),
        "booster": str(rng.choice(["gbtree", "gbtree", "dart"])),
        "rate_drop": 0.3,
    }


def check(spark: SparkSession, folder: Path, family: Family, seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = random_steps(rng, family)
    values = int(rng.choice([3, 30, 64, 90, 120]))
    training = random_rows(spark, rng, int(rng.integers(60, 800)), values).cache()
    model = fit(training, family, steps, parameters(family, rng), seed)
    scorer = scorer_of(model, folder)
    fresh = random_rows(spark, rng, 300, values + 5, unseen=0.2)
    difference = largest_difference(model, scorer, fresh)
    assert difference <= tolerance_for(family), (family, seed)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_scorer_says_what_spark_says(
    spark: SparkSession, tmp_path: Path, family: Family
) -> None:
    check(spark, tmp_path, family, seed=1)


@pytest.mark.parametrize(
    "seed",
    [pytest.param(n, marks=pytest.mark.slow if n < OFTEN else pytest.mark.nightly) for n in SEEDS],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_random_pipelines_agree_with_spark(
    spark: SparkSession, tmp_path: Path, family: Family, seed: int
) -> None:
    check(spark, tmp_path, family, seed=100 + seed)


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    values = [("a", 1.0, 0.0), ("b", 2.0, 1.0), ("a", 3.0, 1.0), ("b", 4.0, 0.0)]
    return spark.createDataFrame(values, "t string, n double, label double")


TWO = (InputColumn("t", "text"), InputColumn("n", "number"))


@pytest.mark.parametrize("name", ["{a,b}", "a{b", "[ab]", "a?b*"])
def test_trees_are_read_from_a_folder_whose_name_is_a_pattern_to_spark(
    rows: DataFrame, tmp_path: Path, name: str
) -> None:
    scratch = tmp_path / name
    scratch.mkdir()
    stages = [VectorAssembler(inputCols=["n"], outputCol="features", handleInvalid="keep")]
    classifier = RandomForestClassifier(numTrees=1, maxDepth=1)
    model = Pipeline(stages=[*stages, classifier]).fit(rows)
    assert export_pipeline(model, TWO[1:], scratch) == export_pipeline(model, TWO[1:])


def assembler(output: str = "features") -> VectorAssembler:
    return VectorAssembler(inputCols=["n"], outputCol=output, handleInvalid="keep")


def test_inputs_and_output_have_the_columns_names_and_types(rows: DataFrame) -> None:
    model = Pipeline(stages=[assembler(), LogisticRegression()]).fit(rows)
    graph = export_pipeline(model, TWO)
    found = {
        value.name: (value.type.tensor_type.elem_type, len(value.type.tensor_type.shape.dim))
        for value in [*graph.graph.input, *graph.graph.output]
    }
    text, double = onnx.TensorProto.STRING, onnx.TensorProto.DOUBLE
    assert found == {"t": (text, 2), "n": (double, 2), "probability": (double, 1)}


@pytest.mark.parametrize("kind", [MaxAbsScaler, MinMaxScaler])
def test_a_stage_without_counterpart_is_named_with_what_is_supported(
    rows: DataFrame, kind: Any
) -> None:
    other = kind(inputCol="v", outputCol="features")
    model = Pipeline(stages=[assembler("v"), other, LogisticRegression()]).fit(rows)
    with pytest.raises(
        ExportError, match=f"is a {kind.__name__}.*; a portable scorer supports .*PCA"
    ):
        export_pipeline(model, TWO)


def test_a_pipeline_without_a_classifier_at_its_end_is_refused(rows: DataFrame) -> None:
    tree = Pipeline(stages=[assembler(), DecisionTreeClassifier()]).fit(rows)
    single: Any = tree.stages[-1]
    endings: list[Any] = [assembler(), single, TrainValidationSplitModel(single), tree]
    for last in endings:
        with pytest.raises(ExportError, match=f"this pipeline ends with {type(last).__name__}"):
            export_pipeline(PipelineModel([assembler(), last]), TWO)


def test_an_input_with_the_name_of_the_output_is_refused(rows: DataFrame) -> None:
    model = Pipeline(stages=[assembler(), LogisticRegression()]).fit(rows)
    with pytest.raises(ExportError, match="has the output's name"):
        export_pipeline(model, [*TWO, InputColumn("probability", "number")])
