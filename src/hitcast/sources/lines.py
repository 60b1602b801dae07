"""The lines of one text file, numbered in its order."""

import re
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


def numbered_lines(spark: SparkSession, path: Path, separator: str | None = None) -> DataFrame:
    """A row per line: `line_id` (long, ascending, from 0) and `value` (its bytes, as a string).

    Args:
        spark: The session.
        path: The file; `.gz` is unpacked.
        separator: What ends a line; None: LF, CRLF or CR.
    """
    reader = spark.read if separator is None else spark.read.option("lineSep", separator)
    # One file's partitions are its pieces in order, so these numbers ascend in its order.
    lines = reader.text(one_file(path))
    return lines.select(F.monotonically_increasing_id().alias("line_id"), "value")


def one_file(path: Path) -> str:
    """A path as Spark takes it: a name with brackets or stars in it is one file, not a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", str(path))


def as_records(lines: DataFrame, skipped: int = 0) -> DataFrame:
    """Lines that are not blank as records: `line_id` and `raw_line` (binary), but the first ones.

    Args:
        lines: What `numbered_lines` returned.
        skipped: How many lines a header has; they are fewer than Spark puts into one partition.
    """
    wanted = (F.col("line_id") >= skipped) & (F.trim("value") != "")
    return lines.where(wanted).select("line_id", F.col("value").cast("binary").alias("raw_line"))
