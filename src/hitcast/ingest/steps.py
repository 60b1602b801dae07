"""The steps behind the gates: quarantine, silver, and gold where the rows are at hand."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import Changes
from hitcast.ingest.extracts import settle
from hitcast.ingest.gold import follow_silver, make_gold, name_of
from hitcast.ingest.line_counts import LineCounts
from hitcast.ingest.newest import Resolution
from hitcast.ingest.progress import Say, step
from hitcast.ingest.quarantine import bad_lines, keep_bad_lines
from hitcast.ingest.showings import Log, Showing
from hitcast.ingest.silver import bring_silver, changed_rows
from hitcast.ingest.standing import Plan, Standing, shown_at, standing_of
from hitcast.tables.keeping import let_go
from hitcast.tables.lakehouse import Lakehouse


@dataclass(frozen=True)
class Outcome:
    """The counts of the lines at hand, and of the keys that they inserted and updated."""

    lines: LineCounts
    inserted: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Steps:
    """What the steps need of a run.

    Attributes:
        log: What was shown, with the extract at hand, also what is not in.
        own: The extract at hand; None: all of bronze is.
        generated: Whether the rows were generated.
        say: Told of each step as it ends.
    """

    use_case: UseCase
    lakehouse: Lakehouse
    log: Log
    own: Showing | None
    generated: bool
    say: Say

    @property
    def checksum(self) -> str | None:
        """The content at hand, if it is one."""
        return None if self.own is None else self.own.checksum

    def take(
        self, plan: Plan, log: Log, rules: str, lines: DataFrame, counts: LineCounts
    ) -> Outcome:
        """Bring quarantine and silver to what a plan says, and gold with it where that is at hand.

        Args:
            plan: Whose lines count.
            log: What was shown and let in.
            rules: The fingerprint of the rules of now.
            lines: Parsed lines of all contents of the plan.
            counts: Of the content at hand.
        """
        if not plan.showings:
            return Outcome(counts)
        version, last = self.lakehouse.bronze.version(), log.last_number
        is_in = {s.number for s in log.showings}
        out = [s.number for s in self.log.showings if s.number < last and s.number not in is_in]
        standing = Standing(
            last, version, rules, self.checksum or "", counts, tuple(out),
            shown=shown_at(log, last), rows=self.log.rows,
        )  # fmt: skip
        firsts = [self.log.firsts[checksum] for checksum in plan.checksums]
        planned = lines.where(F.col("source_checksum").isin(plan.checksums))
        alone = plan.checksums == [self.checksum]
        with step("quarantine", self.say) as done:
            bad = counts.bad if alone else planned.where("not is_good").count()
            found = bad_lines(planned, self.use_case, firsts, bad, self.lakehouse.bronze)
            table, generated = self.lakehouse.quarantine, self.generated
            keep_bad_lines(table, found, bad, plan, generated=generated, note=standing.note())
            done(f"{bad:,} lines")
        repeated = bool(counts.duplicates) or not alone
        resolution = Resolution(planned, plan.showings, self.use_case, repeated, firsts)
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

    def _silver(
        self, plan: Plan, resolution: Resolution, counts: LineCounts, note: str
    ) -> tuple[Outcome, str]:
        """Silver, and gold with it where that was in step; what else there is to say."""
        silver = self.lakehouse.silver
        before = name_of(silver) if silver.exists() else ""
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
                make_gold(gold, rows, self.use_case, name_of(silver), self.generated)
            alone = self.checksum is None or plan.checksums == [self.checksum]
            newest = resolution.newest().where(self._is_own("newest"))
            return Outcome(counts, counts.keys if alone else newest.count()), ""
        if not plan.whole:
            rows = changed_rows(resolution, changes)
            after = name_of(silver)
            follow_silver(self.lakehouse.gold, self.use_case, before, after, rows, changes)
        let_go(changes.keys)
        return Outcome(counts, changes.inserted, changes.updated), _of_others(changes)


def _of_others(changes: Changes) -> str:
    """What changed but for the keys that the lines at hand brought."""
    others = changes.new + changes.differs - changes.inserted - changes.updated
    told = {"taken back": changes.gone, "of other extracts": others, "dated anew": changes.moved}
    return "".join(f", {number:,} {what}" for what, number in told.items() if number)
