"""Each feature stage alone: the graph's columns are Spark's, value for value."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.feature import (
    Imputer,
    OneHotEncoder,
    StringIndexer,
    VectorAssembler,
)
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.errors import ExportError
from hitcast.portable import export, features
from hitcast.portable.card import free_text
from hitcast.portable.graph import Graph
from tests.portable.graphs import values_of
from tests.portable.pipelines import raw_columns

pytestmark = pytest.mark.spark


def both(
    stages: list[Transformer], rows: DataFrame, *names: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Columns that stages make, from the graph and from Spark. Text columns start with "t"."""
    graph = Graph()
    columns = {
        name: [graph.input(name, name.startswith("t"), may_miss=True, whole=kind == "int")]
        for name, kind in rows.dtypes
    }
    feeds: dict[str, Any] = {}
    for name, values in raw_columns(rows, rows.columns).items():
        if name.startswith("t"):
            texts = [free_text([]) if value is None else value for value in values]
            feeds[name] = np.array(texts, dtype=object).reshape(-1, 1)
        else:
            feeds[name] = np.array(values, dtype=np.float64).reshape(-1, 1)
    for stage in stages:
        made = export.FEATURE_STAGES[type(stage).__name__](stage, graph, columns)
        columns = {**columns, **made}
    pieces = [piece for name in names for piece in columns[name]]
    found = PipelineModel(stages).transform(rows)
    values = [
        F.array(F.col(name)) if kind == "double" else vector_to_array(F.col(name))
        for name, kind in found.select(*names).dtypes
    ]
    expected = [row["value"] for row in found.select(F.concat(*values).alias("value")).collect()]
    return values_of(graph, pieces, feeds), np.array(expected, dtype=np.float64)


def test_labels_are_indexed_and_null_and_unseen_come_last(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("b",), ("b",), ("a",), (None,), ("é",)], "t string")
    new = spark.createDataFrame([("a",), ("b",), ("é",), (None,), ("",), ("B",)], "t string")
    indexer = StringIndexer(inputCol="t", outputCol="i", handleInvalid="keep").fit(rows)
    actual, expected = both([indexer], new, "i")
    np.testing.assert_array_equal(actual, expected)
    assert actual[:, 0].tolist() == [1.0, 0.0, 2.0, 3.0, 3.0, 3.0]


def test_numbers_are_indexed_too(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(3.0,), (3.0,), (0.5,), (None,)], "n double")
    new = spark.createDataFrame([(0.5,), (3.0,), (4.0,), (None,)], "n double")
    indexer = StringIndexer(inputCol="n", outputCol="i", handleInvalid="keep").fit(rows)
    actual, expected = both([indexer], new, "i")
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("placeholder", [math.nan, -1.0])
@pytest.mark.parametrize("strategy", ["mean", "median", "mode"])
def test_missing_numbers_are_imputed(
    spark: SparkSession, strategy: str, placeholder: float
) -> None:
    values = [(1.0, 5.0), (-1.0, None), (None, 5.0), (4.0, 0.1), (1.0, -1.0)]
    rows = spark.createDataFrame(values, "a double, b double")
    imputer = Imputer(inputCols=["b", "a"], outputCols=["c", "d"], strategy=strategy)
    model = imputer.setMissingValue(placeholder).fit(rows)
    actual, expected = both([model], rows, "c", "d")
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("strategy", ["mean", "median", "mode"])
def test_whole_numbers_are_imputed_without_fraction(spark: SparkSession, strategy: str) -> None:
    rows = spark.createDataFrame([(1,), (None,), (-9,), (0,)], "a int")
    imputer = Imputer(inputCol="a", outputCol="b", strategy=strategy).fit(rows)
    assembler = VectorAssembler(inputCols=["b"], outputCol="f")
    actual, expected = both([imputer, assembler], rows, "f")
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("drop", [True, False])
@pytest.mark.parametrize("invalid", ["keep", "error"])
def test_indices_become_zeros_and_ones(spark: SparkSession, drop: bool, invalid: str) -> None:
    rows = spark.createDataFrame([("b",), ("b",), ("a",), ("c",), (None,)], "t string")
    indexer = StringIndexer(inputCol="t", outputCol="i", handleInvalid="keep").fit(rows)
    encoder = OneHotEncoder(inputCol="i", outputCol="v", dropLast=drop, handleInvalid=invalid)
    actual, expected = both([indexer, encoder.fit(indexer.transform(rows))], rows, "v")
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("drop", [True, False])
def test_plain_numbers_are_encoded_as_spark_does(spark: SparkSession, drop: bool) -> None:
    rows = spark.createDataFrame([(0.0,), (1.0,), (3.0,)], "n double")
    new = spark.createDataFrame([(2.0,), (3.0,), (4.0,), (-1.0,), (1.7,), (3.2,)], "n double")
    encoder = OneHotEncoder(inputCol="n", outputCol="v", dropLast=drop, handleInvalid="keep")
    actual, expected = both([encoder.fit(rows)], new, "v")
    np.testing.assert_array_equal(actual, expected)


def test_columns_and_vectors_are_assembled_in_order(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(0.0, 2.0), (1.0, None), (2.0, 7.0)], "n double, m double")
    encoder = OneHotEncoder(inputCol="n", outputCol="v", handleInvalid="keep").fit(rows)
    assembler = VectorAssembler(inputCols=["m", "v", "n"], outputCol="f", handleInvalid="keep")
    actual, expected = both([encoder, assembler], rows, "f")
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("invalid", ["error", "skip"])
def test_an_indexer_that_refuses_or_drops_rows_is_no_scorer(
    spark: SparkSession, invalid: str
) -> None:
    rows = spark.createDataFrame([("b",), ("a",)], "t string")
    indexer = StringIndexer(inputCol="t", outputCol="i", handleInvalid=invalid).fit(rows)
    with pytest.raises(ExportError, match=f"handleInvalid='{invalid}'.*supports 'keep'"):
        both([indexer], rows, "i")


def test_an_assembler_that_fails_on_null_is_refused_for_optional_columns(
    spark: SparkSession,
) -> None:
    rows = spark.createDataFrame([(0.0, 2.0)], "n double, m double")
    assembler = VectorAssembler(inputCols=["m", "n"], outputCol="f")
    with pytest.raises(ExportError, match="optional column 'm'.*Impute"):
        both([assembler], rows, "f")


@pytest.mark.usefixtures("spark")
def test_a_column_that_nothing_makes_is_named() -> None:
    assembler = VectorAssembler(inputCols=["m"], outputCol="f")
    with pytest.raises(ExportError, match=r"reads column 'm'.*make \[\]"):
        features.vector_assembler(assembler, Graph(), {})


@pytest.mark.usefixtures("spark")
def test_texts_can_not_be_assembled() -> None:
    graph = Graph()
    columns = {"t": [graph.input("t", text=True, may_miss=False)]}
    with pytest.raises(ExportError, match="needs a number in 't', which is text"):
        features.vector_assembler(VectorAssembler(inputCols=["t"], outputCol="f"), graph, columns)
