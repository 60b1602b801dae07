"""Showings: which content was shown, as that of which day, in which order.

The same content may be shown again, of another day, and that day decides what is newest.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from hitcast.sources.layout import Layout


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

    def layouts_where(self, is_in: Collection[int], own: Showing | None) -> dict[str, Layout]:
        """How each content is read: as it was let in last, the one at hand as it is now.

        Args:
            is_in: The numbers of the showings that are in; contents of no such one are read as
                they were shown last.
            own: The showing at hand, if it is one.
        """
        at_hand = {} if own is None else {own.checksum: own.layout}
        return self.layouts | self.only(is_in).layouts | at_hand

    @property
    def last_number(self) -> int:
        """The number of the last showing; 0 where there is none."""
        return self.showings[-1].number if self.showings else 0

    def is_late(self, showing: Showing) -> bool:
        """Whether a newer day was shown before it."""
        return any(s.number < showing.number and s.day > showing.day for s in self.showings)

    def of(self, checksum: str, day: date, origin: str = "") -> Showing:
        """The last showing of that content as that of that day, by that source."""
        return self._all(checksum, day, origin)[-1]

    def knows(self, checksum: str, day: date, origin: str) -> bool:
        """Whether that content was shown as that of that day and source."""
        return bool(self._all(checksum, day, origin))

    def _all(self, checksum: str, day: date, origin: str) -> list[Showing]:
        told = (checksum, day, origin)
        return [s for s in self.showings if (s.checksum, s.day, s.origin) == told]

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

    def day_of_table(self, checksum: str, origin: str, today: date) -> date | None:
        """The day of a table as it is now: today, unless that is what it showed last.

        It may have been put back to what it was before, and that is what is true now then.
        """
        last = next((s for s in reversed(self.showings) if s.origin == origin), None)
        return today if last is None or last.checksum != checksum else last.day

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
