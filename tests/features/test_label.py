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


def test_a_missing_column_is_named(spark: SparkSession) -> None:
    with pytest.raises(MissingColumnsError, match=r"with_label needs \['score'\].*\['id'\]"):
        spark.range(1).transform(with_label(SCORE))
