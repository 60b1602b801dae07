"""How the tables of an ingest are made, and how columns with any name are spelt."""

from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

from hitcast.lakehouse import GENERATED

COMMON = {
    # Both would keep some readers outside Spark from the tables.
    "delta.enableDeletionVectors": "false",
    "delta.columnMapping.mode": "none",
}
# Lines are looked up by the content they came with; statistics of other columns cost time.
BRONZE_PROPERTIES = {"delta.dataSkippingStatsColumns": "source_checksum"}
# A training can be repeated on the version that it saw for a year.
GOLD_PROPERTIES = {
    "delta.logRetentionDuration": "interval 365 days",
    "delta.deletedFileRetentionDuration": "interval 365 days",
}


def properties(generated: bool, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The properties that a table is made with; `generated` says what its rows are."""
    return {**COMMON, **(more or {}), GENERATED: "true" if generated else "false"}


def quoted(name: str) -> str:
    """A column's name as Spark SQL reads it, whatever characters it has."""
    return "`" + name.replace("`", "``") + "`"


def col(name: str) -> Column:
    """The column of that very name: dots in it are no paths."""
    return F.col(quoted(name))
