"""How many lines there are, how many of them are bad, and how many keys the good ones have."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.tables.names import col


@dataclass(frozen=True)
class LineCounts:
    """How many lines there are, how many are bad, how many keys the good ones have."""

    lines: int
    bad: int
    keys: int

    @property
    def duplicates(self) -> int:
        """Good lines whose key comes again further down."""
        return self.lines - self.bad - self.keys


def count_lines(lines: DataFrame, use_case: UseCase) -> LineCounts:
    """Count lines, bad lines and keys in one pass over parsed lines."""
    by_key = lines_by_key(lines, use_case)
    counts = by_key.agg(
        F.sum("lines").alias("lines"),
        F.sum(F.when(F.col("key").isNull(), F.col("lines"))).alias("bad"),
        F.count("key").alias("keys"),
    ).collect()[0]
    return LineCounts(counts["lines"] or 0, counts["bad"] or 0, counts["keys"])


def lines_by_key(lines: DataFrame, use_case: UseCase) -> DataFrame:
    """Lines in number and the last of them, for each key; bad lines under the key null."""
    return (
        lines.select(F.when(F.col("is_good"), col(use_case.key)).alias("key"), F.col("line_id"))
        .groupBy("key")
        .agg(F.count("*").alias("lines"), F.max("line_id").alias("last_line"))
    )
