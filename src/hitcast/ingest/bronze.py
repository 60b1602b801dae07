"""Bronze: every line as it came, appended once per content."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.ingest.tables import LINE_PROPERTIES, properties
from hitcast.lakehouse import Table
from hitcast.sources.extract import Extract


def append_lines(table: Table, extract: Extract, ingested_at: datetime) -> bool:
    """Add the lines of `extract` to bronze, unless lines of that content are there.

    Args:
        table: Bronze, which is made in the same commit if it does not exist.
        extract: What to read.
        ingested_at: When the run began, UTC.

    Returns:
        Whether lines were added. They are added in one commit: all or none.
    """
    if table.exists() and not lines_of(table, extract).isEmpty():
        return False
    lines = extract.read(table.spark)
    rows = lines.select(
        F.lit(extract.checksum).alias("source_checksum"),
        "*",
        F.lit(extract.name).alias("source_file"),
        F.lit(ingested_at).cast("timestamp").alias("ingested_at"),
    )
    # Delta drops a second commit with the same transaction, so two runs at once add lines once.
    once = {"txnAppId": extract.checksum, "txnVersion": "1"}
    table.append_or_create(rows, properties(extract.generated, LINE_PROPERTIES), **once)
    return True


def lines_of(table: Table, extract: Extract) -> DataFrame:
    """The lines in bronze with the content of `extract`."""
    return table.read().where(F.col("source_checksum") == extract.checksum)
