"""Silver: typed, checked rows, one per key, and the lines that did not make it."""

from dataclasses import dataclass
from datetime import date, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.delta_tables import Table
from hitcast.ingest.changes import Changes, apply_changes, find_changes
from hitcast.ingest.checks import typed
from hitcast.ingest.tables import SILVER_PROPERTIES, col, properties
from hitcast.sources.extract import Extract
from hitcast.use_case import UseCase


@dataclass(frozen=True)
class LineCounts:
    """How many lines an extract has, how many are bad, how many keys the good ones have."""

    lines: int
    bad: int
    keys: int

    @property
    def duplicates(self) -> int:
        """Good lines whose key comes again further down."""
        return self.lines - self.bad - self.keys


def count_lines(lines: DataFrame, use_case: UseCase) -> LineCounts:
    """Count lines, bad lines and keys in one pass over bronze."""
    by_key = _lines_by_key(lines, use_case)
    counts = by_key.agg(
        F.sum("lines").alias("lines"),
        F.sum(F.when(F.col("key").isNull(), F.col("lines"))).alias("bad"),
        F.count("key").alias("keys"),
    ).collect()[0]
    return LineCounts(counts["lines"] or 0, counts["bad"] or 0, counts["keys"])


def typed_rows(
    lines: DataFrame,
    use_case: UseCase,
    counts: LineCounts,
    extract: Extract,
    extraction_date: date,
    ingested_at: datetime,
) -> DataFrame:
    """The good lines of bronze as silver has them: the last one of each key."""
    good = lines.where("is_good")
    if counts.duplicates:
        repeated = (
            _lines_by_key(lines, use_case)
            .where((F.col("lines") > 1) & F.col("key").isNotNull())
            .select(F.col("key").alias("repeated_key"), "last_line")
        )
        lost = (col(use_case.key) == F.col("repeated_key")) & (
            F.col("line_id") < F.col("last_line")
        )
        good = good.join(repeated, lost, how="left_anti")
    return good.select(
        *map(typed, use_case.columns),
        F.lit(extraction_date).alias("extraction_date"),
        F.lit(extract.checksum).alias("source_checksum"),
        F.lit(ingested_at).cast("timestamp").alias("ingested_at"),
    )


def merge_rows(
    table: Table, rows: DataFrame, use_case: UseCase, extract: Extract
) -> Changes | None:
    """Bring silver up to `rows`: add new keys, update those whose values differ.

    Returns:
        What changed; None where silver was made from the rows.
    """
    if not table.exists():
        table.create_from(rows, properties(extract.generated, SILVER_PROPERTIES))
        return None
    changes = find_changes(
        rows, table, use_case.key, use_case.column_names, newest="extraction_date"
    )
    apply_changes(table, rows, use_case.key, changes, note=extract.checksum)
    return changes


def _lines_by_key(lines: DataFrame, use_case: UseCase) -> DataFrame:
    """Lines in number and the last of them, for each key; bad lines under the key null."""
    return (
        lines.select(F.when(F.col("is_good"), col(use_case.key)).alias("key"), F.col("line_id"))
        .groupBy("key")
        .agg(F.count("*").alias("lines"), F.max("line_id").alias("last_line"))
    )
