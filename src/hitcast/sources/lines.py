"""The lines of one text file, numbered in its order."""

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.tables.names import one_file

PIECE_BITS = 33


def numbered_lines(spark: SparkSession, path: Path, separator: str | None = None) -> DataFrame:
    """A row per line: `line_id` (long, ascending) and `value` (its bytes, as a string).

    Spark reads a large file in pieces at once, and none knows how many lines those before it have.
    So the id has the piece in its upper bits, from `PIECE_BITS` on, and the place in it, from 0, in
    the lower ones.

    Args:
        spark: The session.
        path: The file; `.gz` is unpacked.
        separator: What ends a line; None: LF, CRLF or CR.
    """
    reader = spark.read if separator is None else spark.read.option("lineSep", separator)
    # One file's partitions are its pieces in order, so these numbers ascend in its order.
    lines = reader.text(one_file(path))
    return lines.select(F.monotonically_increasing_id().alias("line_id"), "value")


def as_records(lines: DataFrame, skipped: int = 0) -> DataFrame:
    """Lines as bronze has them: `line_id` and `raw_line` (binary), but for the first ones.

    Those that are no records, such as blank ones, are among them: others are counted by them.

    Args:
        lines: What `numbered_lines` returned.
        skipped: How many lines a header has; they are fewer than Spark puts into one partition.
    """
    below = lines.where(F.col("line_id") >= skipped)
    return below.select("line_id", F.col("value").cast("binary").alias("raw_line"))


def only_records(lines: DataFrame, format: str) -> DataFrame:
    """Bronze's lines without those that are no records: blank ones, and ARFF's comments."""
    if format == "json":
        return lines
    # Blanks and signs of ASCII are the same bytes in every encoding that may be declared.
    text = F.col("raw_line").cast("string")
    wanted = F.trim(text) != ""
    return lines.where(wanted & ~text.startswith("%") if format == "arff" else wanted)
