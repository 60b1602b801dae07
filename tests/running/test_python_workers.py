import io

import pytest
from pyspark.sql import SparkSession

from hitcast.running.python_workers import WithoutRanks


def test_ranks_are_left_out_and_all_else_is_written() -> None:
    stream = io.StringIO()
    filtered = WithoutRanks(stream)
    print("before", file=filtered)
    print("[19:54:44] Task 0 got rank 0", file=filtered)
    print("Task xgboost-0:1 got rank 1", file=filtered)
    filtered.write("Task 2 got rank 0\n")
    print("Task 0 got rank 0 and more", file=filtered)
    print(file=filtered)
    print("after", file=filtered)
    assert stream.getvalue() == "before\nTask 0 got rank 0 and more\n\nafter\n"


@pytest.mark.spark
def test_the_workers_of_one_machine_print_through_it(spark: SparkSession) -> None:
    def printing_through(_: int) -> str:
        import sys

        return type(sys.stdout).__name__

    found = spark.sparkContext.parallelize([0], 1).map(printing_through).collect()
    assert found == [WithoutRanks.__name__]
