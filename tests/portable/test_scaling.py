"""Scalers, PCA and selectors alone, on vectors with a constant feature."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pyspark.ml import Estimator
from pyspark.ml.feature import (
    PCA,
    StandardScaler,
    StandardScalerModel,
    VarianceThresholdSelector,
    VectorAssembler,
    VectorSlicer,
)
from pyspark.sql import SparkSession

from hitcast.errors import ExportError
from hitcast.portable.graph import Graph
from hitcast.portable.scaling import selector, standard_scaler
from tests.portable.test_features import both

pytestmark = pytest.mark.spark

VALUES = [(0.0, 1.5, 7.0), (1.0, -2.0, 7.0), (3.0, 1e6, 7.0), (0.1, 0.3, 7.0)]
NEW = [(9.0, -1.5, 8.0), (0.0, 0.0, 0.0), (-1e-9, 3e9, 7.0)]


@pytest.mark.parametrize("estimator", [StandardScaler, lambda: PCA(k=2)], ids=["scaler", "pca"])
def test_vectors_become_what_spark_makes_of_them(spark: SparkSession, estimator: Any) -> None:
    schema = "a double, b double, c double"
    rows, new = spark.createDataFrame(VALUES, schema), spark.createDataFrame(NEW, schema)
    assembler = VectorAssembler(inputCols=["b", "a", "c"], outputCol="v", handleInvalid="keep")
    model = estimator().setInputCol("v").setOutputCol("w").fit(assembler.transform(rows))
    actual, expected = both([assembler, model], new, "w")
    np.testing.assert_allclose(actual, expected, rtol=1e-15, atol=1e-18)


@pytest.mark.parametrize("setting", [{"withMean": True}, {"withStd": False}])
def test_a_scaler_with_other_settings_is_refused(
    spark: SparkSession, setting: dict[str, bool]
) -> None:
    vectors = VectorAssembler(inputCols=["id"], outputCol="v").transform(spark.range(3))
    model: StandardScalerModel = StandardScaler(inputCol="v", outputCol="w", **setting).fit(vectors)
    ((name, value),) = setting.items()
    with pytest.raises(ExportError, match=f"has {name}={value}; .* supports {not value}"):
        standard_scaler(model, Graph(), {})


@pytest.mark.parametrize(
    "made",
    [
        lambda: VarianceThresholdSelector(featuresCol="v", outputCol="w", varianceThreshold=1.0),
        lambda: VectorSlicer(inputCol="v", outputCol="w", indices=[2, 0]),
    ],
    ids=["variance", "slicer"],
)
def test_the_features_that_are_kept_are_sparks(spark: SparkSession, made: Any) -> None:
    schema = "a double, b double, c double"
    rows, new = spark.createDataFrame(VALUES, schema), spark.createDataFrame(NEW, schema)
    assembler = VectorAssembler(inputCols=["b", "a", "c"], outputCol="v", handleInvalid="keep")
    vectors = assembler.transform(rows)
    stage = made()
    model = stage.fit(vectors) if isinstance(stage, Estimator) else stage
    actual, expected = both([assembler, model], new, "w")
    np.testing.assert_array_equal(actual, expected)
    assert actual.shape == (3, 2)


def test_a_selector_that_keeps_nothing_is_refused() -> None:
    stage = SimpleNamespace(
        uid="s", selectedFeatures=[], getFeaturesCol=lambda: "v", getOutputCol=lambda: "w"
    )
    graph = Graph()
    with pytest.raises(ExportError, match="keeps none of 1 features"):
        selector(stage, graph, {"v": [graph.input("v", text=False)]})
