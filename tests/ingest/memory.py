"""Tables in memory: what the plan and the verdicts of the ingest come to, without Spark.

Who is in, and whose lines are read, is decided by the ingest's own `Log`, `Admission` and
`plan_of`, in the order in which `Run` asks them; rows are resolved, or merged, by loops.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hitcast.declaration.sections import Gate, Gates
from hitcast.errors import GateError
from hitcast.ingest.admission import Admission
from hitcast.ingest.line_counts import LineCounts
from hitcast.ingest.quality import Judgement, Record, Tally
from hitcast.ingest.refusals import refuse_several
from hitcast.ingest.showings import Log, Showing
from hitcast.ingest.standing import Plan, Standing, plan_of
from hitcast.sources.layout import Layout
from tests.ingest.histories import History, Rules, Step
from tests.ingest.model import Row, Shown, last_of_keys, resolved, source_of

NOW = datetime(2024, 2, 1, tzinfo=UTC)
NOTHING = LineCounts(0, 0, 0)
WRITES = ("extracts", "quality", "silver")
"""What a run writes, in order; a kill comes before one of them."""


class Killed(BaseException):
    """A run ended before it was through; nothing that catches errors catches that."""


@dataclass
class Memory:
    """The tables of a history."""

    history: History
    log: Log = field(default_factory=Log)
    records: dict[int, Record] = field(default_factory=dict)
    silver: dict[Hashable, Row] = field(default_factory=dict)
    standing: Standing | None = None
    left: int | None = None

    def run(self, step: Step) -> bool:
        """Take a step as the ingest does; returns whether it ends well.

        Raises:
            Killed: before the write that the step says.
        """
        self.left = step.killed
        own = None if step.content is None else self._record(step, str(step.content))
        plan = plan_of(self.log, self.standing, rules_of(step.rules), all_of_it=own is None)
        if self._is_there(plan, own):
            return True
        admission = Admission(self.log, own, dict(self.records))
        plan = self._plan(admission.candidates, own, step.rules)
        if not admission.to_judge and self._is_there(plan, own):
            return True
        try:
            log = self._hear(admission, plan, step)
        except GateError:
            return False
        if log is None or not log.showings:
            return False
        plan = self._plan(log, own, step.rules)
        if plan.showings:
            self._write(own)
            self._take(plan, step.rules)
            is_in = {s.number for s in log.showings}
            out = tuple(s.number for s in self.log.showings if s.number not in is_in)
            out = tuple(number for number in out if number < log.last_number)
            checksum = own.checksum if own else ""
            rules = rules_of(step.rules)
            self.standing = Standing(log.last_number, 0, rules, checksum, NOTHING, out)
        return True

    def _write(self, _: object) -> None:
        """Come to a write, before which the run may be killed."""
        if self.left == 0:
            raise Killed
        self.left = None if self.left is None else self.left - 1

    def _record(self, step: Step, checksum: str) -> Showing:
        day = self.log.day_of(checksum, step.day, NOW.date())
        origin = source_of(step)
        if not self.log.says([checksum], 1, day, origin):
            self._write(checksum)
            number = self.log.rows + 1
            showing = Showing(number, checksum, day, NOW, "", Layout("csv"), origin)
            self.log = replace(self.log, showings=[*self.log.showings, showing], rows=number)
        return self.log.of(checksum, day, origin)

    def _plan(self, log: Log, own: Showing | None, rules: Rules) -> Plan:
        return plan_of(log, self.standing, rules_of(rules), all_of_it=own is None)

    def _is_there(self, plan: Plan, own: Showing | None) -> bool:
        held = self.standing
        if plan.showings or own is None or held is None:
            return False
        return held.checksum == own.checksum and held.has(own)

    def _hear(self, admission: Admission, plan: Plan, step: Step) -> Log | None:
        """The log with those that are in; None where the one at hand is refused."""
        rules = rules_of(step.rules)
        recounted = admission.to_recount(plan.showings, rules)
        showings = [*admission.to_judge, *recounted]
        if not showings:
            return admission.candidates
        tallies = {s.checksum: self._tally(s.checksum, step.rules) for s in showings}
        judged = admission.judge(
            tallies, gates_of(step.rules), step.accept,
            lambda s: len(self._lines(s.checksum)), lambda *_: (0, 0),
        )  # fmt: skip
        if admission.own is None:
            refuse_several(judged, step.accept)
        self._keep([*judged, *admission.recount(recounted, tallies, gates_of(step.rules))], rules)
        refused = {j.showing.number for j in judged if j.verdict.outcome == "refused"}
        if admission.own is not None and admission.own.number in refused:
            return None
        heard = {j.showing.number for j in judged} - refused
        return admission.log.only(admission.is_in | heard)

    def _keep(self, judgements: list[Judgement], rules: str) -> None:
        """Write down what is not said yet."""
        said = self.records
        new = [
            j
            for j in judgements
            if j.showing.number not in said or not said[j.showing.number].says(j, rules)
        ]
        if not new:
            return
        self._write(new)
        for j in new:
            before = said.get(j.showing.number)
            every = {rules, *(before.all_rules if before else ())}
            found = {f.gate: f.outcome for f in j.verdict.findings}
            said[j.showing.number] = Record(j.verdict.outcome, found, rules, j.tally.lines, every)

    def _take(self, plan: Plan, rules: Rules) -> None:
        """Resolve all of the plan, or merge the rows of its one extract into silver."""
        shown = [Shown(int(s.checksum), s.origin, s.day) for s in plan.showings]
        contents, kind = self.history.contents, self.history.kind
        if plan.whole:
            self.silver = resolved(contents, shown, kind, rules)
            return
        (one,) = shown
        for key, place in last_of_keys(contents[one.content], kind, rules).items():
            values = contents[one.content][place - 1].values(rules)
            if key not in self.silver or self.silver[key].values != values:
                self.silver[key] = Row(values, one.day, (one.content, place), one.source)

    def _lines(self, checksum: str) -> list[bool]:
        return [True for _ in self.history.contents[int(checksum)]]

    def _tally(self, checksum: str, rules: Rules) -> Tally:
        good = [line.is_good(rules) for line in self.history.contents[int(checksum)]]
        return Tally(len(good), good.count(False))


def rules_of(rules: Rules) -> str:
    """What rules are known by; gates are none."""
    return repr((rules.limit, rules.isbn, rules.sources))


def gates_of(rules: Rules) -> Gates:
    """The gates that rules declare."""
    rows = None if rules.rows is None else Gate(limit=rules.rows)
    return Gates(max_quarantined=Gate(limit=rules.bad), min_rows=rows)
