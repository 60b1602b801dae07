"""One run from bronze on: what has to be read is parsed once, then quarantine, silver, gold."""

from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import GateError
from hitcast.ingest.changes import Changes
from hitcast.ingest.checks import rules_of
from hitcast.ingest.extracts import Log, Showing, settle
from hitcast.ingest.gold import follow_silver, make_gold, sync_gold
from hitcast.ingest.hearing import Hearing, admission_of
from hitcast.ingest.line_counts import LineCounts, count_lines
from hitcast.ingest.newest import Resolution
from hitcast.ingest.parse import parsed_lines
from hitcast.ingest.primary_key import give_primary_key
from hitcast.ingest.progress import Say, step
from hitcast.ingest.quality import Tally
from hitcast.ingest.quarantine import bad_lines, keep_bad_lines
from hitcast.ingest.silver import bring_silver, changed_rows
from hitcast.ingest.standing import Plan, Standing, plan_of, standing_of
from hitcast.tables.keeping import kept, let_go
from hitcast.tables.lakehouse import Lakehouse


@dataclass(frozen=True)
class Outcome:
    """The counts of the lines at hand, and of the keys that they inserted and updated."""

    lines: LineCounts
    inserted: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Run:
    """The steps after bronze.

    Attributes:
        log: What was shown, with the extract at hand.
        own: The extract at hand; None: all of bronze is.
        accept: Gates that let it pass.
        generated: Whether the rows were generated.
        say: Told of each step as it ends.
    """

    use_case: UseCase
    lakehouse: Lakehouse
    log: Log
    own: Showing | None
    accept: Collection[str]
    generated: bool
    say: Say

    @property
    def checksum(self) -> str | None:
        """The content at hand, if it is one."""
        return None if self.own is None else self.own.checksum

    def bring_up(self) -> Outcome:
        """Take the steps that are left to take.

        Raises:
            GateError: if the extract at hand is refused, or no extract was let in.
        """
        rules = rules_of(self.use_case)
        held = standing_of(self.lakehouse.silver, self.log)
        outcome = self._as_before(self._plan(self.log, held, rules), held)
        if outcome is None:
            outcome = self._bring(held, rules)
        with step("gold", self.say) as done:
            gold, silver = self.lakehouse.gold, self.lakehouse.silver
            sync_gold(gold, silver, self.use_case, self.generated)
            done(f"version {gold.version()}")
        give_primary_key(gold, self.use_case.key, self.say)
        return outcome

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
        own = [self.checksum] if self.checksum else []
        contents = dict.fromkeys([*plan.checksums, *own, *hearing.contents, *hearing.compared])
        lines = kept(parsed_lines(self.lakehouse.bronze, self.log, contents, self.use_case))
        try:
            return self._judge(hearing, lines, held, rules)
        finally:
            let_go(lines)

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
        if not log.showings:
            raise GateError(
                f"expected an extract that gates let in, in {self.lakehouse.where}, found none; "
                f"let one in by --accept, or change gates in conf/{self.use_case.name}.yml"
            )
        if counts is None:
            counts = self._count(lines, plan.checksums)
        return self._resolve(plan, log, rules, lines, counts)

    def _count(self, lines: DataFrame, contents: Collection[str]) -> LineCounts:
        with step("checks", self.say) as done:
            own = lines.where(F.col("source_checksum").isin(list(contents)))
            counts = count_lines(own, self.use_case)
            done(_in_words(counts))
        return counts

    def _resolve(
        self, plan: Plan, log: Log, rules: str, lines: DataFrame, counts: LineCounts
    ) -> Outcome:
        """Quarantine and silver of a plan."""
        if not plan.showings:
            return Outcome(counts)
        version, last = self.lakehouse.bronze.version(), log.last_number
        is_in = {s.number for s in log.showings}
        out = [s.number for s in self.log.showings if s.number < last and s.number not in is_in]
        standing = Standing(last, version, rules, self.checksum or "", counts, tuple(out))
        planned = lines.where(F.col("source_checksum").isin(plan.checksums))
        alone = plan.checksums == [self.checksum]
        with step("quarantine", self.say) as done:
            bad = counts.bad if alone else planned.where("not is_good").count()
            self._quarantine(plan, planned, bad, standing.note())
            done(f"{bad:,} lines")
        repeated = bool(counts.duplicates) or not alone
        resolution = Resolution(planned, plan.showings, self.use_case, repeated)
        with step("silver", self.say) as done:
            outcome, rest = self._silver(plan, resolution, counts, standing.note())
            done(f"{outcome.inserted:,} inserted, {outcome.updated:,} updated{rest}")
        if standing_of(self.lakehouse.silver, self.log) != standing:
            silver_version = self.lakehouse.silver.version()
            settle(self.lakehouse.extracts, self.log, standing.note(), silver_version)
        return outcome

    def _is_own(self, content: str) -> Column:
        """Whether the content in a column is the one at hand; all are where all of bronze is."""
        return F.lit(True) if self.checksum is None else F.col(content) == F.lit(self.checksum)

    def _quarantine(self, plan: Plan, lines: DataFrame, bad: int, note: str) -> None:
        found = bad_lines(lines, self.use_case, plan, bad)
        table = self.lakehouse.quarantine
        keep_bad_lines(table, found, bad, plan, generated=self.generated, note=note)

    def _silver(
        self, plan: Plan, resolution: Resolution, counts: LineCounts, note: str
    ) -> tuple[Outcome, str]:
        """Silver, and gold with it where that was in step; what else there is to say."""
        silver = self.lakehouse.silver
        before = silver.version() if silver.exists() else -1
        changes = bring_silver(
            silver,
            resolution,
            whole=plan.whole,
            of=self.checksum,
            generated=self.generated,
            note=note,
        )
        if changes is None:
            gold = self.lakehouse.gold
            if not gold.exists():
                # The lines are at hand; silver would have to be read again.
                rows = resolution.rows()
                make_gold(gold, rows, self.use_case, silver.version(), self.generated)
            alone = self.checksum is None or plan.checksums == [self.checksum]
            newest = resolution.newest().where(self._is_own("newest"))
            return Outcome(counts, counts.keys if alone else newest.count()), ""
        if not plan.whole:
            rows = changed_rows(resolution, changes)
            after = silver.version()
            follow_silver(self.lakehouse.gold, self.use_case, before, after, rows, changes)
        let_go(changes.keys)
        return Outcome(counts, changes.inserted, changes.updated), _of_others(changes)


def _in_words(counts: LineCounts) -> str:
    return f"{counts.lines:,} lines, {counts.bad:,} bad, {counts.duplicates:,} repeated"


def _of_others(changes: Changes) -> str:
    """What changed but for the keys that the lines at hand brought."""
    others = changes.new + changes.differs - changes.inserted - changes.updated
    told = {"taken back": changes.gone, "of other extracts": others, "dated anew": changes.moved}
    return "".join(f", {number:,} {what}" for what, number in told.items() if number)
