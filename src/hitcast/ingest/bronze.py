"""Bronze: every line as it came, appended once per content.

Beside the line stands whether it passed the checks, and the fingerprint of the rules it was checked
by. So the steps that follow need not repeat the checks, until the rules in `conf/` change.
"""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.checks import is_good, rules_of
from hitcast.ingest.properties import LINE_PROPERTIES, properties
from hitcast.sources.extract import Extract
from hitcast.tables.delta import Table


def bring_lines(
    table: Table, extract: Extract, use_case: UseCase, ingested_at: datetime
) -> tuple[DataFrame, bool]:
    """Add the lines of `extract` to bronze, unless lines of that content are there.

    Args:
        table: Bronze, which is made in the same commit if it does not exist.
        extract: What to read.
        use_case: The rules that lines are checked by.
        ingested_at: When the run began, UTC.

    Returns:
        The lines in bronze with that content, `is_good` by the rules of now; whether they were
        added. They are added in one commit: all or none.
    """
    rules = rules_of(use_case)
    held = _lines_of(table, extract).select("rules").first() if table.exists() else None
    if held is not None:
        lines = _lines_of(table, extract)
        same = held["rules"] == rules
        return (lines if same else lines.withColumn("is_good", is_good(use_case))), False
    rows = extract.read(table.spark).select(
        F.lit(extract.checksum).alias("source_checksum"),
        "*",
        is_good(use_case).alias("is_good"),
        F.lit(rules).alias("rules"),
        F.lit(extract.name).alias("source_file"),
        F.lit(ingested_at).cast("timestamp").alias("ingested_at"),
    )
    if table.exists():
        # Delta drops a second commit of the same transaction, so no run adds lines again.
        table.append(rows, txnAppId=extract.checksum, txnVersion="1")
    else:
        table.create_from(rows, properties(extract.generated, LINE_PROPERTIES))
    return _lines_of(table, extract), True


def _lines_of(table: Table, extract: Extract) -> DataFrame:
    return table.read().where(F.col("source_checksum") == extract.checksum)
