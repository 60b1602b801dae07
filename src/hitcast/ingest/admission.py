"""Which extracts are in: what the log and the table of quality say together.

A showing that was judged and not refused is in for good; one that was refused stays out until the
same file, or all of bronze, is brought in again; one of which nothing is said has to be judged
before it is part of any plan, whichever run comes upon it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from hitcast.declaration.sections import Gate, Gates
from hitcast.ingest.accepting import gates_for
from hitcast.ingest.gates import Counts, LastCounts, decide_gates
from hitcast.ingest.quality import Judgement, Record, Tally
from hitcast.ingest.showings import Log, Showing

CountLines = Callable[[Showing], int]
CountKeys = Callable[[Showing, Showing], tuple[int, int]]


@dataclass(frozen=True)
class Admission:
    """Who is in, and who is to be judged.

    Attributes:
        log: What was shown.
        own: The showing at hand; None: all of bronze is.
        records: What is said of each showing, by number.
        before_gates: Numbers of those that came in before there were gates.
    """

    log: Log
    own: Showing | None
    records: Mapping[int, Record]
    before_gates: Collection[int] = ()

    @cached_property
    def is_in(self) -> frozenset[int]:
        """The numbers of those that are in."""
        return frozenset(s.number for s in self.log.showings if self._is_in(s))

    @cached_property
    def to_judge(self) -> list[Showing]:
        """Those that are to be judged now: new ones, and refused ones that are at hand.

        One that reads a content in another way than it was let in is judged where its file is.
        """
        read = {s.checksum: s.layout for s in self.log.showings if s.number in self.is_in}
        return [
            s
            for s in self.log.showings
            if s.number not in self.is_in
            and (s.number not in self.records or self.own in (None, s))
            and (s == self.own or read.get(s.checksum, s.layout) == s.layout)
        ]

    @property
    def last_before(self) -> list[Showing]:
        """The last ones that are in before each that is to be judged."""
        there = [s for s in self.log.showings if s.number in self.is_in]
        before = [[s for s in there if _precedes(s, judged)] for judged in self.to_judge]
        return [some[-1] for some in before if some]

    def to_recount(self, showings: Collection[Showing], rules: str) -> list[Showing]:
        """Those that are in and of which nothing is said, of some of them by these rules."""
        none: Collection[str] = ()
        return [
            s
            for s in self.log.showings
            if s.number in self.is_in
            and (s in showings or s.number not in self.records)
            and rules
            not in (self.records[s.number].all_rules if s.number in self.records else none)
        ]

    @property
    def candidates(self) -> Log:
        """The log with those that are in, or may come to be."""
        return self.log.only(self.is_in | {s.number for s in self.to_judge})

    def judge(
        self,
        tallies: Mapping[str, Tally],
        gates: Gates,
        accepted: Collection[str],
        lines_of: CountLines,
        keys_of: CountKeys,
    ) -> list[Judgement]:
        """Judge those that are to be judged, in their order, each against those before it.

        Args:
            tallies: Of their contents, by checksum.
            gates: What is allowed.
            accepted: Gates, `GATE` or `GATE=FILE`, that let pass what is at hand; nothing else
                profits from them.
            lines_of: How many lines a showing has of which no record tells.
            keys_of: The keys of the first, and those of them that the second has not.
        """
        judgements: list[Judgement] = []
        is_in = set(self.is_in)
        for showing in self.to_judge:
            tally = tallies[showing.checksum]
            earlier = [s for s in self.log.showings if _precedes(s, showing)]
            earlier = [s for s in earlier if s.number in is_in]
            counts, last = Counts(tally.lines, tally.bad, showing.day), None
            if earlier:
                record = self.records.get(earlier[-1].number)
                known = tallies.get(earlier[-1].checksum)
                lines = record.lines if record else known.lines if known else None
                newest = max(s.day for s in earlier)
                last = LastCounts(lines_of(earlier[-1]) if lines is None else lines, newest)
                if gates.max_vanished is not None:
                    keys, vanished = keys_of(earlier[-1], showing)
                    counts, last = replace(counts, vanished=vanished), replace(last, keys=keys)
            let_pass: Collection[str] = ()
            if self.own in (None, showing):
                let_pass = gates_for(accepted, showing.source_file, showing.day)
            verdict = decide_gates(counts, last, gates, let_pass)
            if verdict.outcome != "refused":
                is_in.add(showing.number)
            judgements.append(Judgement(showing, tally, verdict))
        return judgements

    def recount(
        self, showings: Collection[Showing], tallies: Mapping[str, Tally], gates: Gates
    ) -> list[Judgement]:
        """What the rules of now say of showings that are in: they stay in, whatever that is."""
        gate = gates.max_quarantined
        told = Gates(max_quarantined=None if gate is None else Gate(limit=gate.limit, level="warn"))
        return [
            Judgement(s, t, decide_gates(Counts(t.lines, t.bad, s.day), None, told))
            for s in showings
            for t in [tallies[s.checksum]]
        ]

    def _is_in(self, showing: Showing) -> bool:
        record = self.records.get(showing.number)
        if record is not None:
            return record.outcome != "refused"
        return showing.number in self.before_gates


def _precedes(one: Showing, other: Showing) -> bool:
    """Whether one was shown before the other, by the same source."""
    return one.number < other.number and one.origin == other.origin
