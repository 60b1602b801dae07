"""The properties that the tables of an ingest are made with."""

from collections.abc import Mapping

from pyspark.sql import DataFrame

from hitcast.tables.delta import GENERATED, Table

COMMON = {
    # Both would keep some readers outside Spark from the tables.
    "delta.enableDeletionVectors": "false",
    "delta.columnMapping.mode": "none",
}
# Statistics are collected of the columns that tables are searched by alone: of all columns they
# cost a fifth of the time of a write.
LINE_PROPERTIES = {"delta.dataSkippingStatsColumns": "source_checksum"}
SILVER_PROPERTIES = {"delta.dataSkippingStatsColumns": "extraction_date"}
# A training can be repeated on the version that it saw for a year.
GOLD_PROPERTIES = SILVER_PROPERTIES | {
    "delta.logRetentionDuration": "interval 365 days",
    "delta.deletedFileRetentionDuration": "interval 365 days",
}


def properties(generated: bool, more: Mapping[str, str]) -> dict[str, str]:
    """The properties that a table is made with; `generated` says what its rows are."""
    return {**COMMON, **more, GENERATED: "true" if generated else "false"}


def add_rows(table: Table, rows: DataFrame, generated: bool) -> None:
    """Add rows in one commit to a table that is made with them where it does not exist.

    A table from before some of their columns were has nothing in these for the rows that it had.
    """
    if table.exists():
        known = set(rows.columns) <= set(table.columns())
        table.append(rows, **({} if known else {"mergeSchema": "true"}))
    else:
        table.create_from(rows, properties(generated, {}))
