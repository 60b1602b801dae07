"""The log of extracts: which content was brought in, of which day, in which order.

Bronze has each content once. The same content may be shown again, of another day, and that day
decides what is newest; so each showing is a row here. Beside them stand rows that say how far
silver has come where its own commit can't: where nothing changed, or where no note can be set.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from pyspark.sql import functions as F

from hitcast.ingest.properties import add_rows
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout, layout_of
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


@dataclass(frozen=True)
class Showing:
    """One content, shown as that of one day; `number` is its place in the order of ingestion.

    `origin` is which of the use case's sources it is of; empty where there is but one.
    """

    number: int
    checksum: str
    day: date
    ingested_at: datetime
    source_file: str
    layout: Layout
    origin: str = ""

    @property
    def place(self) -> tuple[date, int]:
        """Showings of a higher place are newer."""
        return self.day, self.number


@dataclass(frozen=True)
class Settled:
    """What was said of a version of silver."""

    note: str
    silver_version: int


@dataclass(frozen=True)
class Log:
    """What the table of extracts says.

    Attributes:
        showings: In the order of ingestion.
        settled: What was said last of silver; None: nothing.
        rows: How many rows the table has; each has its number, from 1.
    """

    showings: Sequence[Showing] = ()
    settled: Settled | None = None
    rows: int = 0

    @cached_property
    def firsts(self) -> dict[str, Showing]:
        """The first showing of each content, by its checksum."""
        return {s.checksum: s for s in reversed(self.showings)}

    @cached_property
    def layouts(self) -> dict[str, Layout]:
        """How each content was read last, by its checksum."""
        return {s.checksum: s.layout for s in self.showings}

    @property
    def last_number(self) -> int:
        """The number of the last showing; 0 where there is none."""
        return self.showings[-1].number if self.showings else 0

    def is_late(self, showing: Showing) -> bool:
        """Whether a newer day was shown before it."""
        return any(s.number < showing.number and s.day > showing.day for s in self.showings)

    def of(self, checksum: str, day: date, origin: str = "") -> Showing:
        """The last showing of that content as that of that day, by that source."""
        told = (checksum, day, origin)
        return [s for s in self.showings if (s.checksum, s.day, s.origin) == told][-1]

    def knows(self, checksum: str, day: date, origin: str) -> bool:
        """Whether that content was shown as that of that day and source."""
        told = (checksum, day, origin)
        return any((s.checksum, s.day, s.origin) == told for s in self.showings)

    def only(self, numbers: Collection[int]) -> "Log":
        """The log with these showings alone."""
        return replace(self, showings=[s for s in self.showings if s.number in numbers])

    def day_of(
        self, checksum: str, day: date | None, today: date, in_folder: Collection[str] = ()
    ) -> date:
        """The day that a content is shown as that of: the first one that it was, unless told.

        Args:
            checksum: The content.
            day: What was told, if it was.
            today: The day of what is not known yet.
            in_folder: Contents that stay of the day that they were, whatever was told: a folder
                that grows has old ones beside new ones.
        """
        first = self.firsts.get(checksum)
        if first is not None and (day is None or checksum in in_folder):
            return first.day
        return day or today

    def says(self, checksums: Sequence[str], place: int, day: date, origin: str = "") -> bool:
        """Whether the newest of that day are those contents: all, or the first ones to some place.

        Args:
            checksums: What is shown of that day, in order.
            place: Of the one that is asked for, from 1; it has to be among them. So contents that
                come again in the company of newer ones are not newer than they were.
            day: The day.
            origin: The source that they are of; others' contents are not asked for.
        """
        same_day = [s.checksum for s in self.showings if (s.day, s.origin) == (day, origin)]
        upto = range(place, min(len(checksums), len(same_day)) + 1)
        return any(same_day[-n:] == list(checksums[:n]) for n in upto)


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
