"""Computed columns: the graph's are Spark's."""

from typing import Any

import numpy as np
import pytest
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame, SparkSession

from hitcast.errors import ExportError
from hitcast.features.computed import Computed, Computing, hinges
from hitcast.portable.computed import sql_transformer
from hitcast.portable.graph import Graph
from tests.features.test_computed import NASTY
from tests.portable.test_features import both

pytestmark = pytest.mark.spark

NUMBERS = [
    0.0, -0.0, 1.0, -1.0, 3599.999999, 3600.0, 86_399.9999999, 86_400.0, 1e9 + 0.1, -1e-20,
    -86_400.0, 1e-300, 1e15, 0.1, 2.5, -7_200.5, None,
]  # fmt: skip
WANTED = [
    Computed("ratio", "ratio", ("x", "n")),
    Computed("other_ratio", "ratio", ("n", "x")),
    Computed("difference", "difference", ("n", "x")),
    Computed("hour", "hour_of_day", ("x",)),
    Computed("hour_of_n", "hour_of_day", ("n",)),
    Computed("log", "log1p", ("x",)),
    Computed("log_of_n", "log1p", ("n",)),
    Computed("often", "frequency", ("t",)),
    Computed("n_often", "frequency", ("n",)),
]


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    texts = [*NASTY, None]
    values = [
        (number, [7, 0, -3, None][place % 4], texts[place % len(texts)])
        for place, number in enumerate(NUMBERS * 4)
    ]
    return spark.createDataFrame(values, "x double, n int, t string")


def test_computed_columns_are_sparks(rows: DataFrame) -> None:
    stage = Computing(WANTED).fit(rows)
    more = rows.union(rows.sparkSession.createDataFrame([(2.0, 99, "new")], rows.schema))
    actual, expected = both([stage], more, *(column.name for column in WANTED))
    logarithms = np.array([column.how == "log1p" for column in WANTED])
    np.testing.assert_array_equal(actual[:, ~logarithms], expected[:, ~logarithms])
    np.testing.assert_allclose(actual[:, logarithms], expected[:, logarithms], rtol=1e-15)


def test_splines_are_sparks(rows: DataFrame) -> None:
    known = rows.where("x IS NOT NULL AND n IS NOT NULL")
    stage = Computing([Computed(name, "spline", (name,)) for name in ("x", "n")]).fit(known)
    actual, expected = both([stage], known, *hinges("x"), *hinges("n"))
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize(
    "statement", ["SELECT *, x + 1 AS y FROM __THIS__", "SELECT x FROM __THIS__"]
)
def test_a_statement_of_somebody_elses_is_refused(statement: str) -> None:
    graph, stage = Graph(), SQLTransformer(statement=statement)
    columns: dict[str, Any] = {"x": [graph.input("x", text=False)]}
    with pytest.raises(ExportError, match="statement of its own.*Declare the columns there"):
        sql_transformer(stage, graph, columns)
