"""One run from bronze on: what has to be read is parsed once, then quarantine, silver, gold."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import Changes
from hitcast.ingest.checks import rules_of
from hitcast.ingest.extracts import Log, settle
from hitcast.ingest.gold import follow_silver, make_gold, sync_gold
from hitcast.ingest.line_counts import LineCounts, count_lines
from hitcast.ingest.newest import Resolution
from hitcast.ingest.parse import parsed_lines
from hitcast.ingest.progress import Say, step
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
        checksum: The content of the extract at hand; None: all of bronze is.
        generated: Whether the rows were generated.
        say: Told of each step as it ends.
    """

    use_case: UseCase
    lakehouse: Lakehouse
    log: Log
    checksum: str | None
    generated: bool
    say: Say

    def bring_up(self) -> Outcome:
        """Take the steps that are left to take."""
        rules = rules_of(self.use_case)
        held = standing_of(self.lakehouse.silver, self.log)
        plan = plan_of(self.log, held, rules, all_of_it=self.checksum is None)
        if not plan.showings and held is not None and held.checksum == self.checksum:
            # Nothing has happened since these lines were counted.
            self.say(f"checks: {_in_words(held.counts)}, as before")
            outcome = Outcome(held.counts)
        else:
            own = [self.checksum] if self.checksum else []
            contents = dict.fromkeys([*plan.checksums, *own])
            lines = kept(parsed_lines(self.lakehouse.bronze, self.log, contents, self.use_case))
            outcome = self._bring(plan, rules, lines)
            let_go(lines)
        with step("gold", self.say) as done:
            gold, silver = self.lakehouse.gold, self.lakehouse.silver
            sync_gold(gold, silver, self.use_case, self.generated)
            done(f"version {gold.version()}")
        return outcome

    def _bring(self, plan: Plan, rules: str, lines: DataFrame) -> Outcome:
        """Count, then quarantine and silver."""
        with step("checks", self.say) as done:
            counts = count_lines(lines.where(self._is_own("source_checksum")), self.use_case)
            done(_in_words(counts))
        if not plan.showings:
            return Outcome(counts)
        version = self.lakehouse.bronze.version()
        last = self.log.showings[-1].number
        standing = Standing(last, version, rules, self.checksum or "", counts)
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
        found = bad_lines(lines, self.use_case, plan)
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
