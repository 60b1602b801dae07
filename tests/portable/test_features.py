"""Each feature stage alone: the graph's columns are Spark's, value for value."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pyspark.ml import Estimator, PipelineModel, Transformer
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
from hitcast.portable import export
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
    columns = {name: [graph.input(name, text=name.startswith("t"))] for name in rows.columns}
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
        vector_to_array(F.col(name)) if kind == "vector" else F.array(F.col(name).cast("double"))
        for name, kind in found.select(*names).dtypes
    ]
    expected = [row["value"] for row in found.select(F.concat(*values).alias("value")).collect()]
    return values_of(graph, pieces, feeds), np.array(expected, dtype=np.float64)


def assembler(columns: list[str]) -> VectorAssembler:
    return VectorAssembler(inputCols=columns, outputCol="f", handleInvalid="keep")


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([("b", 0.0), ("a", 1.0), ("b", 2.0)], "t string, n double")


def test_labels_are_indexed_and_null_and_unseen_come_last(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("b",), ("b",), ("a",), (None,), ("é",)], "t string")
    new = spark.createDataFrame([("a",), ("b",), ("é",), (None,), ("",), ("B",)], "t string")
    indexer = StringIndexer(inputCols=["t"], outputCols=["i"], handleInvalid="keep").fit(rows)
    actual, expected = both([indexer], new, "i")
    np.testing.assert_array_equal(actual, expected)
    assert actual[:, 0].tolist() == [1.0, 0.0, 2.0, 3.0, 3.0, 3.0]


def test_whole_numbers_are_indexed_as_texts_are(spark: SparkSession) -> None:
    values = [(7, "b"), (-1, None), (7, "a"), (None, "a"), (0, "a")]
    rows = spark.createDataFrame(values, "n int, t string")
    new = spark.createDataFrame(
        [(n, "a") for n in (0, 7, -1, None, 1, 70, -2_147_483_648)], rows.schema
    )
    names: dict[str, Any] = {"inputCols": ["n", "t"], "outputCols": ["i", "j"]}
    indexer = StringIndexer(**names, handleInvalid="keep").fit(rows)
    encoder = OneHotEncoder(inputCols=["i", "j"], outputCols=["v", "w"])
    stages: list[Transformer] = [indexer, encoder.fit(indexer.transform(rows))]
    actual, expected = both(stages, new, "i", "v", "w")
    np.testing.assert_array_equal(actual, expected)
    assert actual[:, 0].tolist() == [2.0, 0.0, 1.0, 3.0, 3.0, 3.0, 3.0]


def test_a_number_that_is_two_labels_to_spark_is_refused(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(0.0,), (-0.0,)], "n double")
    indexer = StringIndexer(**N, handleInvalid="keep").fit(rows)
    with pytest.raises(ExportError, match="two are one number"):
        both([indexer], rows, "o")


def test_missing_numbers_become_the_median(spark: SparkSession) -> None:
    values = [(1.0, 5.0), (-1.0, None), (None, 5.0), (4.0, 0.1), (1.0, -1.0)]
    rows = spark.createDataFrame(values, "a double, b double")
    imputer = Imputer(inputCols=["b", "a"], outputCols=["c", "d"], strategy="median").fit(rows)
    actual, expected = both([imputer], rows, "c", "d")
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("values", [[1, None, -9, 0], [1, None, -9, 0, 2]])
def test_whole_numbers_are_imputed_without_fraction(
    spark: SparkSession, values: list[int | None]
) -> None:
    rows = spark.createDataFrame([(value,) for value in values], "a int")
    imputer = Imputer(inputCols=["a"], outputCols=["b"], strategy="median").fit(rows)
    actual, expected = both([imputer, assembler(["b"])], rows, "f")
    np.testing.assert_array_equal(actual, expected)


def test_indices_become_zeros_and_ones(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("b",), ("b",), ("a",), ("c",), (None,)], "t string")
    indexer = StringIndexer(inputCols=["t"], outputCols=["i"], handleInvalid="keep").fit(rows)
    encoder = OneHotEncoder(inputCols=["i"], outputCols=["v"]).fit(indexer.transform(rows))
    actual, expected = both([indexer, encoder], rows, "v")
    np.testing.assert_array_equal(actual, expected)


def test_columns_and_vectors_are_assembled_in_order(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("a", 2.0), ("b", None), ("c", 7.0)], "t string, m double")
    indexer = StringIndexer(inputCols=["t"], outputCols=["i"], handleInvalid="keep").fit(rows)
    encoder = OneHotEncoder(inputCols=["i"], outputCols=["v"]).fit(indexer.transform(rows))
    actual, expected = both([indexer, encoder, assembler(["m", "v", "i"])], rows, "f")
    np.testing.assert_array_equal(actual, expected)


T: dict[str, Any] = {"inputCols": ["t"], "outputCols": ["o"]}
N: dict[str, Any] = {"inputCols": ["n"], "outputCols": ["o"]}
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "an indexer that fails": (
        lambda: StringIndexer(**T, handleInvalid="error"),
        "handleInvalid='error'.*supports 'keep'",
    ),
    "an indexer that drops rows": (
        lambda: StringIndexer(**T, handleInvalid="skip"),
        "handleInvalid='skip'.*supports 'keep'",
    ),
    "an indexer of one column": (
        lambda: StringIndexer(inputCol="t", outputCol="o", handleInvalid="keep"),
        "has inputCol; .*supports inputCols",
    ),
    "an imputer of means": (lambda: Imputer(**N), "strategy='mean'.*supports 'median'"),
    "an imputer of a number": (
        lambda: Imputer(**N, strategy="median", missingValue=2.0),
        "missingValue=2.0.*supports nan",
    ),
    "an encoder with a place for the unknown": (
        lambda: OneHotEncoder(**N, handleInvalid="keep"),
        "handleInvalid='keep'.*supports 'error'",
    ),
    "an encoder of all places": (
        lambda: OneHotEncoder(**N, dropLast=False),
        "dropLast=False.*supports True",
    ),
    "an encoder of numbers": (lambda: OneHotEncoder(**N), "which 'n' may hold"),
    "an assembler that fails on null": (
        lambda: VectorAssembler(inputCols=["n"], outputCol="o"),
        "handleInvalid='error'.*supports 'keep'",
    ),
    "an assembler of texts": (lambda: assembler(["t"]), "needs a number in 't', which is text"),
    "an assembler of what nothing makes": (
        lambda: assembler(["m"]),
        r"reads column 'm'.*make \['n', 't'\]",
    ),
}


@pytest.mark.parametrize(("made", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_has_no_counterpart_is_named(
    rows: DataFrame, made: Callable[[], Any], told: str
) -> None:
    stage, graph = made(), Graph()
    fitted = stage.fit(rows) if isinstance(stage, Estimator) else stage
    columns = {name: [graph.input(name, text=name == "t")] for name in rows.columns}
    with pytest.raises(ExportError, match=told):
        export.FEATURE_STAGES[type(fitted).__name__](fitted, graph, columns)
