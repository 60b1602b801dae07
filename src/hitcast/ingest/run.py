"""One run from bronze on: what has to be read is parsed once, then quarantine, silver, gold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.ingest.bronze import changed_by_others
from hitcast.ingest.checks import rules_of
from hitcast.ingest.gold import sync_gold
from hitcast.ingest.hearing import Hearing, admission_of
from hitcast.ingest.line_counts import LineCounts, count_lines
from hitcast.ingest.origins import tell_undeclared
from hitcast.ingest.parse import parsed_lines
from hitcast.ingest.primary_key import give_primary_key
from hitcast.ingest.progress import step
from hitcast.ingest.quality import Tally
from hitcast.ingest.quarantine import has_columns_of
from hitcast.ingest.renamed import refuse_absent, refuse_lacking
from hitcast.ingest.showings import Log, Showing
from hitcast.ingest.standing import Plan, Standing, plan_of, standing_of
from hitcast.ingest.steps import Outcome, Steps
from hitcast.sources.layout import Layout
from hitcast.tables.keeping import kept, let_go


@dataclass(frozen=True)
class Run(Steps):
    """The steps after bronze, and which of them are left to take.

    Attributes:
        accept: Gates that let the extract at hand pass.
    """

    accept: Collection[str]

    def bring_up(self) -> Outcome:
        """Take the steps that are left to take.

        Raises:
            GateError: if the extract at hand is refused, or no extract was let in.
        """
        tell_undeclared(self.log, self.use_case, self.say)
        rules = rules_of(self.use_case)
        held = standing_of(self.lakehouse.silver, self.log)
        if held is not None and self._is_tampered(held):
            held = replace(held, rules="")
        outcome = self._as_before(self._plan(self.log, held, rules), held)
        if outcome is None:
            outcome = self._bring(held, rules)
        with step("gold", self.say) as done:
            gold, silver = self.lakehouse.gold, self.lakehouse.silver
            sync_gold(gold, silver, self.use_case, self.generated)
            done(f"version {gold.version()}")
        give_primary_key(gold, self.use_case.key, self.say)
        return outcome

    def _is_tampered(self, held: Standing) -> bool:
        """Whether others have changed what silver was made of, or what was made beside it."""
        if changed_by_others(self.lakehouse.bronze, held.bronze):
            return True
        return not has_columns_of(self.lakehouse.quarantine, self.use_case)

    def _plan(self, log: Log, held: Standing | None, rules: str) -> Plan:
        return plan_of(log, held, rules, all_of_it=self.own is None)

    def _as_before(self, plan: Plan, held: Standing | None) -> Outcome | None:
        """The outcome, where nothing has happened since the lines at hand were counted."""
        if plan.showings or held is None or held.checksum != self.checksum:
            return None
        if self.own is None or not held.has(self.own):
            return None
        self.say(f"checks: {_in_words(held.counts)}, as before")
        return Outcome(held.counts)

    def _bring(self, held: Standing | None, rules: str) -> Outcome:
        """Count and judge, then bring up what was let in."""
        admission, last = admission_of(self.lakehouse, self.log, self.own, held)
        plan = self._plan(admission.candidates, held, rules)
        outcome = None if admission.to_judge else self._as_before(plan, held)
        if outcome is not None:
            return outcome
        hearing = Hearing(
            self.use_case, self.lakehouse, admission, plan, rules, last, self.accept,
            self.generated, self.say,
        )  # fmt: skip
        hearing.refuse_unclear()
        own = [self.checksum] if self.checksum else []
        contents = dict.fromkeys([*plan.checksums, *own, *hearing.contents, *hearing.compared])
        layouts = self.log.layouts_where(admission.is_in, self.own)
        old: list[Showing] = []
        if plan.whole and (held is None or held.rules != rules):
            old = self._read_again(plan, admission.is_in, layouts)
        refuse_lacking(old, self.use_case, self.say)
        lines = kept(parsed_lines(self.lakehouse.bronze, layouts, contents, self.use_case))
        try:
            if old and self.lakehouse.silver.exists():
                refuse_absent(lines, old, self.lakehouse.silver, self.use_case)
            return self._judge(hearing, lines, held, rules)
        finally:
            let_go(lines)

    def _read_again(
        self, plan: Plan, is_in: Collection[int], layouts: Mapping[str, Layout]
    ) -> list[Showing]:
        """One showing of each content that is in, but for the one at hand, as it is read now."""
        shown = {s.checksum: s for s in plan.showings if s.number in is_in}
        return [
            replace(s, layout=layouts[s.checksum])
            for s in shown.values()
            if s.checksum != self.checksum
        ]

    def _judge(
        self, hearing: Hearing, lines: DataFrame, held: Standing | None, rules: str
    ) -> Outcome:
        """Count the lines at hand, and judge; then quarantine and silver of what is in."""
        counts, known = None, {}
        if self.own is not None:
            counts = self._count(lines, [self.own.checksum])
            known = {self.own.checksum: Tally(counts.lines, counts.bad)}
        if hearing.contents:
            with step("gates", self.say) as done:
                log, told = hearing.hold(lines, known)
                done(told)
        else:
            log = hearing.admission.candidates
        plan = self._plan(log, held, rules)
        if counts is None:
            counts = self._count(lines, plan.checksums)
        return self.take(plan, log, rules, lines, counts)

    def _count(self, lines: DataFrame, contents: Collection[str]) -> LineCounts:
        with step("checks", self.say) as done:
            own = lines.where(F.col("source_checksum").isin(list(contents)))
            counts = count_lines(own, self.use_case)
            done(_in_words(counts))
        return counts


def _in_words(counts: LineCounts) -> str:
    return f"{counts.lines:,} lines, {counts.bad:,} bad, {counts.duplicates:,} repeated"
