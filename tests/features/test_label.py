from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession

from hitcast.declaration.label import Label
from hitcast.errors import MissingColumnsError
from hitcast.features.label import with_label

pytestmark = [pytest.mark.spark, pytest.mark.sessions]
SCORE = Label(column="score", at_least=50, output="sells")


def test_a_value_at_the_threshold_is_positive_and_null_stays_null(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("a", 49), ("b", 50), ("c", None)], "id string, score int")
    actual = rows.transform(with_label(SCORE))
    expected = spark.createDataFrame(
        [("a", 49, 0.0), ("b", 50, 1.0), ("c", None, None)], "id string, score int, label double"
    )
    assert_df_equality(actual, expected, ignore_row_order=True)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"is": "yes"}, [1.0, 0.0, 0.0, None]),
        ({"classes": ["no", "yes", "never"]}, [1.0, 0.0, 2.0, None]),
        ({"classes": ["yes", "no"], "positive": "yes"}, [1.0, 0.0, None, None]),
    ],
)
def test_a_class_is_a_number_and_an_unknown_one_none(
    rule: dict[str, Any], expected: list[float | None], spark: SparkSession
) -> None:
    rows = spark.createDataFrame([("yes",), ("no",), ("never",), (None,)], "answer string")
    label = Label.of({"column": "answer", **rule})
    assert [row["label"] for row in rows.transform(with_label(label)).collect()] == expected


def test_a_number_may_be_the_positive_value(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(1,), (0,), (None,)], "answer int")
    found = rows.transform(with_label(Label.of({"column": "answer", "is": 1})))
    assert [row["label"] for row in found.collect()] == [1.0, 0.0, None]


def test_whole_numbers_may_be_classes_as_they_stand(spark: SparkSession) -> None:
    label = Label.of({"column": "grade", "classes": [2, -1, 0, 1]})
    assert label.names == ("2", "-1", "0", "1")
    rows = spark.createDataFrame([(0,), (-1,), (2,), (7,), (None,)], "grade int")
    found = rows.transform(with_label(label)).collect()
    assert [row["label"] for row in found] == [2.0, 1.0, 0.0, None, None]


def test_a_missing_column_is_named(spark: SparkSession) -> None:
    with pytest.raises(MissingColumnsError, match=r"with_label needs \['score'\].*\['id'\]"):
        spark.range(1).transform(with_label(SCORE))
