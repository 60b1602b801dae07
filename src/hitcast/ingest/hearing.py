"""A hearing: extracts are counted and judged, what came of it is written down and told.

It comes between bronze and everything else. What was written down holds for later runs, so one
that was killed after it goes on from there, and one that was killed before it holds it again.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.accepting import refuse_unclear
from hitcast.ingest.admission import Admission
from hitcast.ingest.bronze import lines_of
from hitcast.ingest.progress import Say
from hitcast.ingest.quality import Judgement, Tally, read_quality, tally_lines, write_quality
from hitcast.ingest.refusals import left_out, named, nobody_let_in, refusal, refuse_several
from hitcast.ingest.showings import Log, Showing
from hitcast.ingest.standing import Plan, Standing
from hitcast.sources.lines import only_records
from hitcast.tables.lakehouse import Lakehouse
from hitcast.tables.names import col


def admission_of(
    lakehouse: Lakehouse, log: Log, own: Showing | None, held: Standing | None
) -> tuple[Admission, int]:
    """Who is in and who is to be judged, and the number of the last judgement."""
    records, last = read_quality(lakehouse.quality)
    # Another log may have given that number to another showing.
    shown = {s.number: s for s in log.showings}
    records = {n: r for n, r in records.items() if n in shown and r.is_of(shown[n])}
    before: Collection[int] = ()
    if not last and lakehouse.silver.exists():
        # Nothing comes into silver without a verdict: this one is older than gates.
        is_in = held.has if held is not None else lambda showing: showing != own
        before = [s.number for s in log.showings if is_in(s)]
    return Admission(log, own, records, before), last


@dataclass(frozen=True)
class Hearing:
    """What a run needs to judge extracts.

    Attributes:
        plan: What is to be resolved if all that may come in do.
        rules: The fingerprint of the rules of now.
        last: The number of the last judgement.
        accept: Gates that let pass what is at hand, `GATE` or `GATE=FILE`.
        generated: Whether the rows were generated.
    """

    use_case: UseCase
    lakehouse: Lakehouse
    admission: Admission
    plan: Plan
    rules: str
    last: int
    accept: Collection[str]
    generated: bool
    say: Say

    @property
    def contents(self) -> list[str]:
        """The contents whose lines are counted."""
        showings = [*self.admission.to_judge, *self._to_recount]
        return list(dict.fromkeys(s.checksum for s in showings))

    @property
    def compared(self) -> list[str]:
        """The contents whose keys may be asked for beside those that are judged."""
        if self.use_case.gates.max_vanished is None:
            return []
        return list(dict.fromkeys(s.checksum for s in self.admission.last_before))

    def refuse_unclear(self) -> None:
        """Refuse to accept what is no extract of bronze, or is one of several.

        Raises:
            SourceError: with those that there are.
        """
        if self.admission.own is None:
            kinds = (self.admission.to_judge, self.admission.log.showings)
            at_hand, known = ([(s.checksum, s.source_file, s.day) for s in kind] for kind in kinds)
            refuse_unclear(self.accept, at_hand, known)

    def hold(self, lines: DataFrame, known: Mapping[str, Tally]) -> tuple[Log, str]:
        """Judge who is to be judged.

        Args:
            lines: Parsed lines of the contents that are counted or compared.
            known: What was counted before.

        Returns:
            The log with those that are in; what came of it, in words.

        Raises:
            GateError: if the extract at hand is refused, or all of bronze; that is written down
                then. If a gate was accepted for one extract of bronze and would let several pass.
        """
        tallies = tally_lines(lines, self.use_case, self.contents, known)
        admission, gates = self.admission, self.use_case.gates

        def keys_of(last: Showing, showing: Showing) -> tuple[int, int]:
            return self._keys_of(lines, last, showing)

        judged = admission.judge(tallies, gates, self.accept, self._lines_of, keys_of)
        if admission.own is None:
            refuse_several(judged, self.accept)
        recounted = admission.recount(self._to_recount, tallies, gates)
        self._write([*judged, *recounted])
        refused = [j for j in judged if j.verdict.outcome == "refused"]
        for judgement in refused:
            if judgement.showing == admission.own:
                raise refusal(judgement, lines, self.lakehouse.bronze, self.use_case)
        if refused and len(refused) == len(admission.candidates.showings):
            raise nobody_let_in(refused, self.lakehouse.where, self.use_case)
        for judgement in (*judged, *recounted):
            self._tell(judgement)
        if refused:
            self.say(left_out(refused))
        out = {s.number for s in admission.log.showings} - admission.is_in
        out -= {j.showing.number for j in judged if j not in refused}
        outcomes = Counter(j.verdict.outcome for j in judged)
        told = [f"{number:,} {outcome}" for outcome, number in outcomes.items()]
        if out:
            told.append(f"{len(out):,} left out")
        numbers = {s.number for s in admission.log.showings} - out
        return admission.log.only(numbers), ", ".join(told) or "nothing new"

    @property
    def _to_recount(self) -> list[Showing]:
        return self.admission.to_recount(self.plan.showings, self.rules)

    def _write(self, judgements: Collection[Judgement]) -> None:
        """Write down what the table does not say yet."""
        records = self.admission.records
        new = [
            j
            for j in judgements
            if j.showing.number not in records or not records[j.showing.number].says(j, self.rules)
        ]
        if new:
            quality, generated = self.lakehouse.quality, self.generated
            write_quality(quality, new, self.use_case, self.rules, self.last, generated=generated)

    def _tell(self, judgement: Judgement) -> None:
        """Tell of what is not as it should be."""
        for finding in judgement.verdict.findings:
            if finding.outcome != "passed":
                self.say(
                    f"gate {finding.gate} {finding.outcome}: expected {finding.told}, in "
                    f"{named(judgement.showing)}"
                )

    def _lines_of(self, showing: Showing) -> int:
        lines = lines_of(self.lakehouse.bronze, [showing.checksum])
        return only_records(lines, showing.layout.format).count()

    def _keys_of(self, lines: DataFrame, last: Showing, showing: Showing) -> tuple[int, int]:
        """The keys of one, and how many of them the other has not."""
        keys = [
            lines.where((F.col("source_checksum") == s.checksum) & F.col("is_good"))
            .select(col(self.use_case.key).alias("key"))
            .distinct()
            for s in (last, showing)
        ]
        there = keys[1].withColumn("is_there", F.lit(True))
        found = keys[0].join(there, "key", how="left")
        counted = found.agg(F.count("*"), F.count("is_there")).collect()[0]
        return counted[0], counted[0] - counted[1]
