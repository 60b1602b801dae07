"""Histories of extracts, and a plain model of what the tables hold after each of them.

The model says in loops over lists what the ingest says in Spark: a row is what the newest good line
of its key says, newest by extraction date, then order of ingestion, then order of lines; its date
and its line are the first from which on every extract with the key showed those values.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.ingest.books import book

LIMITS = (100, 60, 30)
"""What rules of each kind let pass as score; what is above is bad."""
DAYS = tuple(date(2024, 1, day) for day in (1, 2, 3, 4))


@dataclass(frozen=True)
class Line:
    """A line of an extract: a book's number, title and score; None is no number at all."""

    key: int
    title: str
    score: int | None

    def text(self) -> str:
        """The line as a file has it."""
        return book(
            self.key, title=self.title, score="x" if self.score is None else str(self.score)
        )

    def is_good(self, limit: int) -> bool:
        """Whether rules with this limit let it pass."""
        return self.score is not None and self.score <= limit


@dataclass(frozen=True)
class Row:
    """A row of silver; `line` is its content's number and its place in it, from 1."""

    title: str
    score: int | None
    day: date
    line: tuple[int, int]


@dataclass
class Model:
    """What was shown, in the order of ingestion."""

    contents: Sequence[Sequence[Line]]
    showings: list[tuple[int, date]] = field(default_factory=list)

    def show(self, content: int, day: date | None, today: date) -> None:
        """Bring in a content; without a day it is of the day that it was first of."""
        first = next((d for c, d in self.showings if c == content), today)
        self.showings.append((content, day or first))

    def silver(self, limit: int) -> dict[int, Row]:
        """The rows by key."""
        rows: dict[int, Row] = {}
        order = sorted(range(len(self.showings)), key=lambda n: (self.showings[n][1], n))
        for content, day in (self.showings[number] for number in order):
            last = {
                line.key: (line, place)
                for place, line in enumerate(self.contents[content], 1)
                if line.is_good(limit)
            }
            for key, (line, place) in last.items():
                held = rows.get(key)
                if held is None or (held.title, held.score) != (line.title, line.score):
                    rows[key] = Row(line.title, line.score, day, (content, place))
        return rows

    def quarantine(self, limit: int) -> dict[tuple[int, int], date]:
        """The bad lines, each with the day that its content was first of."""
        firsts = dict(reversed(self.showings))
        return {
            (content, place): day
            for content, day in firsts.items()
            for place, line in enumerate(self.contents[content], 1)
            if not line.is_good(limit)
        }


def random_content(seed: int, keys: int) -> list[Line]:
    """Lines of some of the keys, of few values, so that they come again; some twice, some bad."""
    dice = random.Random(seed)
    return [
        Line(dice.randrange(keys), dice.choice("abc"), dice.choice([10, 40, 80, None]))
        for _ in range(dice.randrange(1, 2 * keys))
    ]
