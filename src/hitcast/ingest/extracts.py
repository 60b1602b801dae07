"""The log of extracts: which content was brought in, of which day, in which order.

Bronze has each content once. The same content may be shown again, of another day, and that day
decides what is newest; so each showing is a row here. Beside them stand rows that say how far
silver has come where its own commit can't: where nothing changed, or where no note can be set.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pyspark.sql import functions as F

from hitcast.ingest.properties import add_rows
from hitcast.ingest.showings import Log, Settled, Showing
from hitcast.sources.extract import Extract
from hitcast.sources.layout import layout_of
from hitcast.tables.delta import Table

COLUMNS = {
    "number": "long",
    "source_checksum": "string",
    "extraction_date": "date",
    "ingested_at": "timestamp",
    "source": "string",
    "origin": "string",
    "source_file": "string",
    "layout": "string",
    "settled": "string",
    "silver_version": "long",
}


def read_log(table: Table) -> Log:
    """Read the table of extracts; an empty log where there is none."""
    if not table.exists():
        return Log()
    rows = sorted(table.rows(), key=lambda row: row["number"])
    showings = [
        Showing(
            row["number"],
            row["source_checksum"],
            row["extraction_date"],
            row["ingested_at"],
            row["source_file"],
            layout_of(row["layout"]),
            # Nothing, and no such column, where there was but one source.
            row.get("origin") or "",
        )
        for row in rows
        if row["settled"] is None
    ]
    settled = [Settled(row["settled"], row["silver_version"]) for row in rows if row["settled"]]
    return Log(showings, settled[-1] if settled else None, len(rows))


def record(
    table: Table, log: Log, extract: Extract, day: date | None, ingested_at: datetime
) -> Log:
    """Note in one commit that `extract` was shown as that of `day`; returns the log with it.

    Nothing is noted where it is the last one of that day, or was shown with those that are: what is
    newest stays as it is. Nor is a known one that a folder has. A content that is split in another
    way than before is shown anew.
    """
    today, found = ingested_at.date(), extract.in_folder
    days = [log.day_of(c, day, today, found) for c in extract.together]
    day = days[extract.place]
    same_day = [c for c, d in zip(extract.together, days, strict=True) if d == day]
    place = days[: extract.place + 1].count(day)
    is_last = log.says(same_day, place, day, extract.origin)
    is_known = log.knows(extract.checksum, day, extract.origin)
    stays = is_last or (extract.checksum in found and is_known)
    if log.layouts.get(extract.checksum) == extract.layout and stays:
        return log
    number, name, origin = log.rows + 1, extract.name, extract.origin
    showing = Showing(number, extract.checksum, day, ingested_at, name, extract.layout, origin)
    values = {
        "number": showing.number,
        "source_checksum": extract.checksum,
        "extraction_date": day,
        "ingested_at": ingested_at,
        "source": extract.source,
        "origin": origin,
        "source_file": extract.name,
        "layout": extract.layout.as_text(),
    }
    _add(table, values, extract.generated)
    return replace(log, showings=[*log.showings, showing], rows=showing.number)


def settle(table: Table, log: Log, note: str, silver_version: int) -> None:
    """Note in one commit what a version of silver holds."""
    values = {"number": log.rows + 1, "settled": note, "silver_version": silver_version}
    _add(table, values, table.is_generated())


def _add(table: Table, values: Mapping[str, Any], generated: bool) -> None:
    # Without rows of Python's: literals cost Spark the least.
    columns = (F.lit(values.get(name)).cast(kind).alias(name) for name, kind in COLUMNS.items())
    row = table.spark.range(1, numPartitions=1).select(*columns)
    add_rows(table, row, generated)
