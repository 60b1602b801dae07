"""What a set of rows is known by, whatever order they come in."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def fingerprint(rows: DataFrame, hashed: Column) -> tuple[int, str]:
    """The number of rows, and the sum of their hashes as text; `None` where there are none.

    Args:
        rows: Any.
        hashed: A 64-bit hash of each; their sum is exact.
    """
    total = F.sum(hashed.cast("decimal(38, 0)"))
    found = rows.agg(F.count("*").alias("rows"), total.alias("content")).collect()[0]
    return int(found["rows"]), str(found["content"])
