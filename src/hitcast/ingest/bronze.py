"""Bronze: every record as it came, appended once per content.

Nothing is read out of a record here, so bronze outlasts every change of the rules in `conf/`.
"""

from collections.abc import Iterable
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.errors import LakehouseError
from hitcast.ingest.properties import LINE_PROPERTIES, properties
from hitcast.sources.extract import Extract
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse

COLUMNS = ("source_checksum", "line_id", "raw_line", "source_file", "ingested_at")


def bring_lines(
    table: Table, extract: Extract, ingested_at: datetime, *, anew: bool = False
) -> None:
    """Add the lines of `extract` to bronze in one commit, unless lines of that content are there.

    Args:
        table: Bronze, which is made in the same commit if it does not exist.
        extract: What to read.
        ingested_at: When the run began, UTC.
        anew: Whether the content's lines are put in the place of those that are there: the same
            file has other records where its quotes may span lines.
    """
    held = table.exists()
    if held and not anew and lines_of(table, [extract.checksum]).limit(1).count():
        return
    rows = extract.read(table.spark).select(
        F.lit(extract.checksum).alias("source_checksum"),
        "line_id",
        "raw_line",
        F.lit(extract.name).alias("source_file"),
        F.lit(ingested_at).cast("timestamp").alias("ingested_at"),
    )
    if held and anew:
        table.replace(rows, f"source_checksum = '{extract.checksum}'", "cut into other records")
    elif held:
        # Delta drops a second commit of the same transaction, so no run adds lines again.
        table.append(rows, txnAppId=extract.checksum, txnVersion="1")
    else:
        table.create_from(rows, properties(extract.generated, LINE_PROPERTIES))


def lines_of(table: Table, checksums: Iterable[str]) -> DataFrame:
    """The lines in bronze with these contents."""
    return table.read().where(F.col("source_checksum").isin(list(checksums)))


def refuse_old_form(lakehouse: Lakehouse) -> None:
    """Refuse a bronze that kept typed columns in place of raw records.

    Raises:
        LakehouseError: with what to do.
    """
    if not lakehouse.bronze.exists():
        return
    found = list(lakehouse.bronze.columns())
    if not set(COLUMNS) <= set(found) or "is_good" in found:
        raise LakehouseError(
            f"expected bronze in {lakehouse.where} to hold each line as it came "
            f"{list(COLUMNS)}, found the form of an older version {found}; start over: ingest the "
            "files again into another --home, or remove these tables first"
        )
