"""What became of each line of bronze, by what the tables alone say.

    account     what it says
    row         silver's row of its key is this line
    repeated    its key comes again further down in its content, or silver has had its values since
                an older line: `by` names that line
    superseded  silver's line of its key, `by`, is newer: by day, then order of ingestion; of
                several sources, or of one that is declared before
    bad         it is in quarantine
    left out    gates refused, or nobody has judged, every extract that shows it

A line has one account. Which of several showings of one content on one day a row of silver is of,
silver does not say; it is taken for the last of them, which is no older than any other.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.histories import Kind, Line, Rules

Rows = Sequence[Mapping[str, Any]]
Place = tuple[str, int]
"""A line: its content's checksum, and its number."""
Age = tuple[int, date, int]
"""Of a showing: how early its source is declared, its day, its number; what is more is newer."""
TABLES = ("bronze", "silver", "quarantine", "extracts", "quality")


@dataclass(frozen=True)
class Account:
    """What became of a line, and by which other line it did."""

    what: str
    by: Place | None = None


def rows_of(lakehouse: Lakehouse) -> dict[str, Rows]:
    """The rows of the tables, read without Spark."""
    from deltalake import DeltaTable

    tables = [lakehouse.table(name) for name in TABLES]
    return {t.name: DeltaTable(t.place).to_pyarrow_table().to_pylist() for t in tables}


@dataclass
class Books:
    """The accounts of all lines in some tables."""

    tables: Mapping[str, Rows]
    kind: Kind
    rules: Rules

    def __post_init__(self) -> None:
        """Look up what is asked of each line."""
        judged = sorted(self.tables["quality"], key=lambda row: row["judgement"])
        verdicts = {row["number"]: row["verdict"] for row in judged}
        shown = [row for row in self.tables["extracts"] if row["settled"] is None]
        self.shown = [r for r in shown if verdicts.get(r["number"], "refused") != "refused"]
        self.lines = {place_of(r): Line.of(r["raw_line"].decode()) for r in self.tables["bronze"]}
        self.last: dict[tuple[str, Hashable], int] = {}
        for (content, number), line in sorted(self.lines.items(), key=lambda item: item[0]):
            if line.is_good(self.rules):
                self.last[content, line.key(self.kind, self.rules)] = number
        self.rows = {self.key(place_of(row)): row for row in self.tables["silver"]}
        self.bad = {place_of(row) for row in self.tables["quarantine"]}

    def key(self, place: Place) -> Hashable:
        """The key of a good line."""
        return self.lines[place].key(self.kind, self.rules)

    def accounts(self) -> dict[Place, list[Account]]:
        """Every account that could be given of each line."""
        return {place: self._of(place) for place in self.lines}

    def _of(self, place: Place) -> list[Account]:
        found = [Account("bad")] if place in self.bad else []
        ages = [self._age(row) for row in self.shown if row["source_checksum"] == place[0]]
        if not ages:
            found.append(Account("left out"))
        row = None
        if self.lines[place].is_good(self.rules):
            row = self.rows.get(self.key(place))
        if row is not None and ages:
            found.append(self._beside(place, max(ages), row))
        return [account for account in found if account.what]

    def _beside(self, place: Place, newest: Age, row: Mapping[str, Any]) -> Account:
        """The account of a good line beside silver's row of its key."""
        if place_of(row) == place:
            return Account("row")
        last = self.last[place[0], self.key(place)]
        if last > place[1]:
            return Account("repeated", (place[0], last))
        ages = [
            self._age(shown)
            for shown in self.shown
            if (shown["source_checksum"], shown["extraction_date"])
            == (row["source_checksum"], row["extraction_date"])
        ]
        if max(ages) > newest:
            return Account("superseded", place_of(row))
        same = self._values(place) == self._values(place_of(row))
        return Account("repeated" if same else "", place_of(row))

    def _age(self, shown: Mapping[str, Any]) -> Age:
        order = self.rules.sources
        rank = order.index(shown["origin"]) if order else 0
        return -rank, shown["extraction_date"], shown["number"]

    def _values(self, place: Place) -> tuple[Any, ...]:
        return self.lines[place].values(self.rules)

    def strays(self) -> list[Place]:
        """Rows of silver, or lines of quarantine, that are not what their line in bronze says."""
        names = ("id", "title", "score", *(("isbn",) if self.rules.isbn else ()))
        wrong = [place for place in self.bad if self.lines[place].is_good(self.rules)]
        for row in self.tables["silver"]:
            place = place_of(row)
            good = self.lines[place].is_good(self.rules)
            if not good or tuple(row[name] for name in names) != self._values(place):
                wrong.append(place)
        return wrong


def place_of(row: Mapping[str, Any]) -> Place:
    """The line that a row is of."""
    return row["source_checksum"], row["line_id"]
