"""Histories of extracts: lines, rules, and the steps that are taken with them.

Lines have a key, a title and a score that is legal up to some limit, and a number that is declared
later, or never. `model` says what the tables hold after each step.
"""

import random
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from hypothesis import strategies as st

from tests.ingest.books import HEADER, book

LIMITS = (100, 60, 30)
"""What rules of each kind let pass as score; what is above is bad."""
DAYS = tuple(date(2024, 1, day) for day in (1, 2, 3, 4))
SOURCES = ("letters", "verses")
QUARANTINED, ROWS = "max_quarantined", "min_rows"
FIELDS = f"{HEADER},isbn"
CONTENTS = 4

Kind = Literal["id", "made", "all"]
"""The key is the id; a hash of it, in which small and capital letters are one; a hash of all."""
KINDS: tuple[Kind, ...] = ("id", "made", "all")


@dataclass(frozen=True)
class Rules:
    """What conf declares at a step.

    Attributes:
        limit: The highest score.
        isbn: Whether the last column is declared.
        sources: The sources in the order of the declaration; empty where there is one, unnamed.
        bad: The share of lines that may be bad.
        rows: The share of the last extract's lines that have to be there; None: no such gate.
    """

    limit: int = LIMITS[0]
    isbn: bool = False
    sources: tuple[str, ...] = ()
    bad: float = 1.0
    rows: float | None = None


@dataclass(frozen=True)
class Line:
    """A line of an extract: a book's id, title, score and isbn, as the file has them."""

    id: str
    title: str
    score: str
    isbn: str

    def text(self, index: int) -> str:
        """The line; `index` is no column's, and tells contents of equal lines apart."""
        told = book(index, id=self.id, title=self.title, score=self.score)
        return f"{told},{self.isbn}"

    @staticmethod
    def of(text: str) -> "Line":
        """The line out of a record."""
        fields = dict(zip(FIELDS.split(","), text.split(","), strict=True))
        return Line(fields["id"], fields["title"], fields["score"], fields["isbn"])

    def is_good(self, rules: Rules) -> bool:
        """Whether the rules let it pass: x is no number, and nothing is no score."""
        legal = self.score.isdigit() and int(self.score) <= rules.limit
        return legal and not (rules.isbn and self.isbn == "x")

    def values(self, rules: Rules) -> tuple[Any, ...]:
        """What silver has of it, if it is good."""
        isbn = (int(self.isbn) if self.isbn else None,) if rules.isbn else ()
        return (self.id, self.title, int(self.score), *isbn)

    def key(self, kind: Kind, rules: Rules) -> Hashable:
        """What tells its row from others; two lines of one key are one row."""
        if kind == "all":
            return self.values(rules)
        return self.id.casefold() if kind == "made" else self.id


@dataclass(frozen=True)
class Step:
    """A run.

    Attributes:
        content: The content that is brought in; None: bronze alone, again.
        other: Whether it is of the other one of two sources than its content mostly is.
        day: The day that it is told to be of; None: no day is told.
        accept: Gates that are told to let pass.
        killed: The write, from 0, before which the run is killed.
        again: Whether a run that was killed is run again; else the next step comes upon it.
    """

    content: int | None
    day: date | None = None
    rules: Rules = Rules()
    other: bool = False
    accept: Collection[str] = ()
    killed: int | None = None
    again: bool = True


@dataclass(frozen=True)
class History:
    """Contents, the kind of key, and the steps."""

    contents: Sequence[Sequence[Line]]
    kind: Kind
    steps: Sequence[Step]


def random_content(seed: int, keys: int) -> list[Line]:
    """Lines of some of the keys, of few values, so that they come again; some twice, some bad."""
    dice = random.Random(seed)
    # Some contents are hardly bad, some for the most part.
    scores = [*dice.choices(["10", "40"], k=3), *dice.choices(["40", "80", "x", ""], k=3)]
    return [
        Line(
            f"{dice.choice('bbbB')}{dice.randrange(keys)}",
            dice.choice("abc"),
            dice.choice(scores),
            dice.choice(["", "7", "7", "x"] if dice.random() < 0.2 else ["7"]),
        )
        for _ in range(dice.randrange(1, 2 * keys))
    ]


def random_contents(seed: int, keys: int, number: int = CONTENTS) -> list[list[Line]]:
    """Several contents."""
    return [random_content(seed * CONTENTS + n, keys) for n in range(number)]


@st.composite
def histories(draw: st.DrawFn, keys: int, most: int) -> History:
    """Random histories of up to some steps; most steps are of the usual kind."""
    some = draw(st.sampled_from([(), (), SOURCES]))
    limits = st.sampled_from([*LIMITS[:1] * 4, *LIMITS])
    orders = st.sampled_from([some, some, some, some[::-1]])
    declared = st.sampled_from([False, False, True])
    bad = st.sampled_from([0.4, 0.4, 1.0, 0.2])
    rules = st.builds(Rules, limits, declared, orders, bad, st.sampled_from([None, 0.7]))
    steps = st.builds(
        Step,
        st.sampled_from([*range(CONTENTS), *range(CONTENTS), None]),
        st.sampled_from([*DAYS, None]),
        rules,
        st.sampled_from([False, False, False, True]),
        st.sampled_from([(), (), (), (QUARANTINED,), (QUARANTINED, ROWS)]),
        st.sampled_from([None, None, None, 0, 1, 2, 3, 4, 5]),
        st.booleans(),
    )
    contents = random_contents(draw(st.integers(0, 10_000)), keys)
    kind = draw(st.sampled_from([*KINDS, "id"]))
    return History(contents, kind, draw(st.lists(steps, min_size=2, max_size=most)))
