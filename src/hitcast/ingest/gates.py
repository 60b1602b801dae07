"""Gates: whether an extract is let in. The decision alone, which reads no table."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from hitcast.declaration.sections import Gate, Gates

Outcome = Literal["passed", "warned", "accepted", "refused"]
"""What came of a gate, or of all of them; each is graver than those before it."""
GATES = ("max_quarantined", "min_rows", "max_vanished", "max_days_behind")
"""The gates of an extract, by the names that conf and `--accept` give them."""


@dataclass(frozen=True)
class Counts:
    """What gates ask of an extract.

    Attributes:
        lines: How many there are.
        bad: How many of them are bad.
        day: The day that it is of.
        vanished: Keys of the last extract that are not among its own; None: nobody counted them.
    """

    lines: int
    bad: int
    day: date
    vanished: int | None = None


@dataclass(frozen=True)
class LastCounts:
    """What an extract is compared with.

    Attributes:
        lines: Those of the extract that was let in last before it.
        newest: The newest day of all that were let in before it.
        keys: The keys of the good lines of the last one; None: nobody counted them.
    """

    lines: int
    newest: date
    keys: int | None = None


@dataclass(frozen=True)
class Finding:
    """A gate that could be asked: what was allowed, what was found, what came of it."""

    gate: str
    level: str
    limit: float
    found: float
    outcome: Outcome
    told: str


@dataclass(frozen=True)
class Verdict:
    """What the gates say of an extract.

    Attributes:
        findings: Of each gate that could be asked.
    """

    findings: tuple[Finding, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The gravest of all outcomes."""
        order = get_args(Outcome)
        return max((f.outcome for f in self.findings), key=order.index, default="passed")

    @property
    def accepted(self) -> list[str]:
        """The gates that the extract did not pass and that were accepted."""
        return [f.gate for f in self.findings if f.outcome == "accepted"]

    def with_outcome(self, outcome: Outcome) -> list[Finding]:
        """The gates that it came to this with."""
        return [f for f in self.findings if f.outcome == outcome]


def decide_gates(
    counts: Counts, last: LastCounts | None, gates: Gates, accepted: Collection[str] = ()
) -> Verdict:
    """Decide whether an extract is let in.

    Args:
        counts: Of the extract.
        last: Of what was let in before it; None: nothing was, and there is nothing to compare.
        gates: What is allowed, and what happens where it goes further.
        accepted: Gates that let everything pass this time.

    Returns:
        The verdict; a gate that is not declared, or has nothing to compare with, is not in it.
    """
    return Verdict(
        tuple(
            Finding(name, gate.level, gate.limit, found, _outcome(name, gate, over, accepted), told)
            for name, gate, found, over, told in _asked(counts, last, gates)
        )
    )


def _outcome(name: str, gate: Gate, over: bool, accepted: Collection[str]) -> Outcome:
    if not over:
        return "passed"
    if gate.level == "warn":
        return "warned"
    return "accepted" if name in accepted else "refused"


def _asked(
    counts: Counts, last: LastCounts | None, gates: Gates
) -> Iterator[tuple[str, Gate, float, bool, str]]:
    """Each gate that can be asked, what was found, whether that is too far, and in words."""
    gate = gates.max_quarantined
    if gate is not None:
        share = counts.bad / counts.lines if counts.lines else 0.0
        told = f"at most {_percent(gate.limit)} of lines to be bad, found {_percent(share)}"
        told = f"{told} ({counts.bad:,} of {counts.lines:,})"
        yield "max_quarantined", gate, share, share > gate.limit, told
    if last is None:
        return
    gate = gates.min_rows
    if gate is not None and last.lines:
        share = counts.lines / last.lines
        told = f"at least {_percent(gate.limit)} of the last extract's {last.lines:,} lines"
        yield "min_rows", gate, share, share < gate.limit, f"{told}, found {counts.lines:,}"
    gate = gates.max_vanished
    if gate is not None and last.keys and counts.vanished is not None:
        share = counts.vanished / last.keys
        told = f"at most {_percent(gate.limit)} of the last extract's keys to be missing, found"
        told = f"{told} {_percent(share)} ({counts.vanished:,} of {last.keys:,})"
        yield "max_vanished", gate, share, share > gate.limit, told
    gate = gates.max_days_behind
    if gate is not None:
        days = max(0, (last.newest - counts.day).days)
        told = f"a date at most {gate.limit:g} days before the newest one, {last.newest}"
        yield "max_days_behind", gate, days, days > gate.limit, f"{told}, found {counts.day}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
