"""Whether a challenger becomes production: a pure function of what was found out about it.

It fails closed: what can't be told, or was not found out, keeps a version in `staging`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hitcast.declaration.sections import Gates
from hitcast.models.bootstrap import Interval
from hitcast.models.comparing import Guarded
from hitcast.models.findings import Evidence
from hitcast.models.registry import PRODUCTION, STAGING
from hitcast.portable.parity import tolerance_for

BY_HAND = "--version N --alias production"


@dataclass(frozen=True)
class Decision:
    """Which alias the challenger gets, the reasons in words, and the figures behind them."""

    alias: str
    reasons: tuple[str, ...]
    figures: Mapping[str, float] = field(default_factory=dict)


def decide_promotion(evidence: Evidence, gates: Gates) -> Decision:
    """Decide which alias the challenger gets.

    Args:
        evidence: What was found out.
        gates: What has to be passed.

    Returns:
        `production` if nothing speaks against it; else `staging`, with all that does.
    """
    against = [*_of_itself(evidence, gates), *_of_the_two(evidence, gates)]
    figures = figures_of(evidence)
    told = _told(evidence)
    if against:
        return Decision(STAGING, (*against, *told), figures)
    kind = "first version" if evidence.champion is None else "better"
    if evidence.trial:
        return Decision(PRODUCTION, (evidence.trial, *told), figures)
    return Decision(PRODUCTION, (f"{kind}: {told[0]}", *told[1:]), figures)


def figures_of(evidence: Evidence) -> dict[str, float]:
    """The figures of a decision by name, those that there are."""
    found = {evidence.metric: evidence.scores.get(evidence.metric, float("nan"))}
    compared = evidence.comparison
    if compared is not None:
        found |= {
            "champion": compared.theirs,
            "gain": compared.gain.value,
            "gain_low": compared.gain.low,
            "gain_high": compared.gain.high,
            "tries": float(evidence.tries),
            "rows": float(compared.rows),
        }
        found |= {f"worse: {g.name}": g.worse.value for g in compared.guarded}
    # NaN is none of JSON's numbers, and no figure.
    return {name: value for name, value in found.items() if value == value}


def _of_itself(evidence: Evidence, gates: Gates) -> Iterator[str]:
    """What speaks against a challenger, whoever is in production."""
    scores = evidence.scores
    # A comparison with NaN is false, so a score that can't be told stays out of production.
    for metric, floor in gates.at_least.items():
        found = scores.get(metric, float("nan"))
        if scores and not found >= floor:
            yield f"{metric} has to be at least {floor:g}, it is {found:.6f}"
    score = scores.get(evidence.metric, float("nan"))
    if scores and score != score:
        yield f"{evidence.metric} can't be told"
    if not scores and not evidence.incomparable:
        yield "its test rows were not scored"
    parity = evidence.parity
    if parity is None:
        yield "no training has proven that its scorer says what Spark says (tag hitcast.parity)"
    elif not parity.difference <= tolerance_for(parity.family):
        yield (
            f"its scorer may differ from Spark by {tolerance_for(parity.family):g}, "
            f"it does by {parity.difference:g}"
        )


def _of_the_two(evidence: Evidence, gates: Gates) -> Iterator[str]:
    """What speaks against it beside the champion."""
    champion = evidence.champion
    if evidence.incomparable:
        yield f"{evidence.incomparable}; to put it into production all the same: {BY_HAND}"
    if champion is None:
        return
    if evidence.trained.generated and not champion.trained.generated:
        yield f"trained on generated rows, version {champion.version} on real ones"
    older = evidence.trained.is_older_than(champion.trained)
    if older is None:
        yield f"nobody knows whether its data is older than that of version {champion.version}"
    elif older:
        yield f"trained on older data than version {champion.version}"
    compared = evidence.comparison
    if compared is None:
        if not evidence.incomparable:
            yield f"it was not compared with version {champion.version}"
        return
    # What live traffic has shown is not asked of the test rows again; nothing else is let pass.
    if not evidence.trial:
        yield from _of_gain(compared.gain, gates)
    yield from (_guarded(g) for g in compared.guarded if is_worse(g))


def _of_gain(gain: Interval, gates: Gates) -> Iterator[str]:
    if not gain.value > gates.min_improvement:
        yield f"not better by more than {gates.min_improvement:g}"
    elif not gain.low > 0:
        yield "not better beyond chance"


def is_worse(guarded: Guarded) -> bool:
    """Whether a figure got worse by more than is borne and beyond chance, or can't be told."""
    worse = guarded.worse
    return not (worse.value <= guarded.tolerance or worse.low <= 0)


def _guarded(g: Guarded) -> str:
    return (
        f"{g.name} got worse by more than {g.tolerance:g} and beyond chance: "
        f"{g.theirs:.4f} before, {g.ours:.4f} now"
    )


def _told(evidence: Evidence) -> tuple[str, ...]:
    """The figures in words; nothing where there are none."""
    score = evidence.scores.get(evidence.metric)
    if score is None:
        return ()
    told = f"{evidence.metric} {score:.6f} on the test rows"
    champion, compared = evidence.champion, evidence.comparison
    if champion is None or compared is None:
        return (told,)
    gain = compared.gain
    tried = "" if evidence.tries == 1 else f", one of {evidence.tries} tries on this data"
    return (
        f"{told}, version {champion.version} in production has {compared.theirs:.6f}",
        f"gain {gain.value:.4f}, {gain.low:.4f} to {gain.high:.4f} "
        f"({100 * gain.level:.4g} % interval{tried}; {compared.rows} rows)",
    )


def as_text(decision: Decision) -> str:
    """The reasons in one line."""
    return "; ".join(decision.reasons)


def outcome(number: int, decision: Decision, told: str | None = None) -> dict[str, Any]:
    """What the job's JSON line holds."""
    promoted = decision.alias == PRODUCTION
    return {
        "version": number,
        "alias": decision.alias,
        "decision": told or ("promoted" if promoted else "not promoted"),
        "reasons": list(decision.reasons),
    }
