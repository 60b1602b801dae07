"""A plain model of what the tables hold, in loops over lists, of these sentences alone.

A content that is brought in is shown: as that of the day that is told, else of the day that it was
first of, else of today. The newest of a day, shown again as that of this day, is nothing new.

A showing is judged when it comes in. If it is refused it stays out until it is brought in again, or
all of bronze is; one that came in stays in, whatever the rules are later. One that nobody judged,
since its run was killed, is judged by the run that comes next. It is compared with the last one
that came in before it, of the same source. What is at hand may be let pass a gate; all of bronze
is at hand where nothing is brought in, and one of its contents may: where several would, nothing
changes.

A run whose own extract is refused, or that finds nothing that is in, changes nothing else. Any
other makes rows and bad lines what the rules of now make of all that is in: of a key, the newest
good line counts, by day, then order of ingestion, then order of lines; of several sources, that of
the first declared one that has the key. A row's day and line are the first from which on every
extract with the key showed its values.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.ingest.histories import QUARANTINED, ROWS, Kind, Line, Rules, Step

Place = tuple[int, int]
"""A line: its content's number and its place in it, from 1."""


@dataclass(frozen=True)
class Row:
    """A row of silver."""

    values: tuple[Any, ...]
    day: date
    line: Place
    source: str


@dataclass
class Shown:
    """A showing; `is_in` is None where nobody has judged it."""

    content: int
    source: str
    day: date
    is_in: bool | None = None


@dataclass
class Model:
    """What was shown, in the order of ingestion, and what the tables hold since the last run."""

    contents: Sequence[Sequence[Line]]
    kind: Kind
    showings: list[Shown] = field(default_factory=list)
    silver: dict[Hashable, Row] = field(default_factory=dict)

    def bring(self, step: Step, today: date) -> bool:
        """Take a step; returns whether the run ends well."""
        at_hand = self.show(step, today)
        if not self.judge(step, at_hand) or not self.those_in():
            return False
        if at_hand is not None and not at_hand.is_in:
            return False
        self.silver = resolved(self.contents, self.those_in(), self.kind, step.rules)
        return True

    def show(self, step: Step, today: date) -> Shown | None:
        """Note what is shown; returns what is at hand, None where all of bronze is."""
        if step.content is None:
            return None
        first = next((s.day for s in self.showings if s.content == step.content), today)
        source, day = source_of(step), step.day or first
        of_day = [s for s in self.showings if (s.source, s.day) == (source, day)]
        if not of_day or of_day[-1].content != step.content:
            of_day.append(Shown(step.content, source, day))
            self.showings.append(of_day[-1])
        return of_day[-1]

    def judge(self, step: Step, at_hand: Shown | None) -> bool:
        """Judge those that are to be judged, in their order; returns whether that stands."""
        before = [shown.is_in for shown in self.showings]
        let_pass: set[tuple[str, int]] = set()
        for number, shown in enumerate(self.showings):
            is_at_hand = at_hand is None or shown is at_hand
            if shown.is_in is None or (not shown.is_in and is_at_hand):
                over = self._over(number, step.rules)
                accepted = over & set(step.accept) if is_at_hand else set()
                let_pass |= {(gate, shown.content) for gate in accepted}
                shown.is_in = over == accepted
        gates = [gate for gate, _ in let_pass]
        if at_hand is None and len(set(gates)) < len(gates):
            for shown, was_in in zip(self.showings, before, strict=True):
                shown.is_in = was_in
            return False
        return True

    def _over(self, number: int, rules: Rules) -> set[str]:
        """The gates that a showing does not pass."""
        shown, over = self.showings[number], set()
        lines = self.contents[shown.content]
        if sum(not line.is_good(rules) for line in lines) / len(lines) > rules.bad:
            over.add(QUARANTINED)
        before = [s for s in self.showings[:number] if s.is_in and s.source == shown.source]
        last = len(self.contents[before[-1].content]) if before else 0
        if rules.rows is not None and last and len(lines) / last < rules.rows:
            over.add(ROWS)
        return over

    def those_in(self) -> list[Shown]:
        """The showings that are in."""
        return [s for s in self.showings if s.is_in]

    def quarantine(self, rules: Rules) -> dict[Place, date]:
        """The bad lines of what is in, each with the day that its content was first of."""
        is_in = {s.content for s in self.those_in()}
        firsts = {s.content: s.day for s in reversed(self.showings) if s.content in is_in}
        return {
            (content, place): day
            for content, day in firsts.items()
            for place, line in enumerate(self.contents[content], 1)
            if not line.is_good(rules)
        }


def source_of(step: Step) -> str:
    """The source that a step's content is of; empty where there is but one."""
    if step.content is None or not step.rules.sources:
        return ""
    return sorted(step.rules.sources)[(step.content + step.other) % 2]


def last_of_keys(content: Sequence[Line], kind: Kind, rules: Rules) -> dict[Hashable, int]:
    """The place of the last good line of each key."""
    good = [(place, line) for place, line in enumerate(content, 1) if line.is_good(rules)]
    return {line.key(kind, rules): place for place, line in good}


def resolved(
    contents: Sequence[Sequence[Line]], showings: Collection[Shown], kind: Kind, rules: Rules
) -> dict[Hashable, Row]:
    """The rows by key that showings, given in the order of ingestion, come to."""
    shown: dict[Hashable, list[Row]] = {}
    for showing in sorted(showings, key=lambda s: s.day):
        content = contents[showing.content]
        for key, place in last_of_keys(content, kind, rules).items():
            values, line = content[place - 1].values(rules), (showing.content, place)
            shown.setdefault(key, []).append(Row(values, showing.day, line, showing.source))
    rows: dict[Hashable, Row] = {}
    for key, candidates in shown.items():
        present = {row.source for row in candidates}
        best = next((name for name in rules.sources if name in present), "")
        for row in candidates:
            if row.source == best and (key not in rows or rows[key].values != row.values):
                rows[key] = row
    return rows
