import math

import pytest
from pyspark.sql import SparkSession

from hitcast.training.winner import seen_ranges


@pytest.mark.spark
def test_what_the_training_saw_leaves_nulls_and_nan_aside(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [(1.5, 7, None), (math.nan, None, None), (-2.0, 3, None)], "a double, b int, c double"
    )
    assert seen_ranges(rows, ["a", "b", "c"]) == {"a": (-2.0, 1.5), "b": (3.0, 7.0)}
    assert seen_ranges(rows, []) == {}
