"""Silver: typed, checked rows, one per key."""

from datetime import date, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import Changes, apply_changes, find_changes
from hitcast.ingest.checks import typed
from hitcast.ingest.line_counts import LineCounts, lines_by_key
from hitcast.ingest.properties import SILVER_PROPERTIES, properties
from hitcast.sources.extract import Extract
from hitcast.tables.delta import Table
from hitcast.tables.names import col


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
            lines_by_key(lines, use_case)
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
