"""Quarantine: the lines that failed, with every reason."""

from datetime import date

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.checks import reasons
from hitcast.ingest.line_counts import LineCounts
from hitcast.ingest.properties import LINE_PROPERTIES, properties
from hitcast.sources.extract import Extract
from hitcast.tables.delta import Table
from hitcast.tables.names import col


def bad_lines(lines: DataFrame, use_case: UseCase, extraction_date: date) -> DataFrame:
    """The lines of bronze that are not good, as quarantine has them."""
    return lines.where("not is_good").select(
        "source_checksum",
        reasons(use_case).alias("reasons"),
        *map(col, use_case.column_names),
        "raw_line",
        "line_id",
        "line_hash",
        "source_file",
        F.lit(extraction_date).alias("extraction_date"),
    )


def keep_bad_lines(table: Table, bad: DataFrame, counts: LineCounts, extract: Extract) -> None:
    """Make quarantine hold `bad` for this extract's content, and no other lines of it.

    Nothing is committed where it holds them, so a rerun changes nothing; where the rules of the
    use case have changed since, the lines are replaced in one commit.
    """
    if not table.exists():
        made_with = properties(extract.generated, LINE_PROPERTIES)
        if counts.bad:
            table.create_from(bad, made_with)
        else:
            table.create(bad, made_with)
        return
    same_content = F.col("source_checksum") == extract.checksum
    held = _fingerprint(table.read().where(same_content))
    if held["lines"] == 0 == counts.bad or held == _fingerprint(bad):
        return
    if held["lines"] == 0:
        table.append(bad)
    else:
        table.replace(bad, f"source_checksum = '{extract.checksum}'")


def _fingerprint(lines: DataFrame) -> Row:
    """The number of lines and a hash of lines and reasons that does not mind their order."""
    hashed = F.xxhash64("reasons", "line_hash", "line_id").cast("decimal(38, 0)")
    return lines.agg(F.count("*").alias("lines"), F.sum(hashed).alias("hash")).collect()[0]
