"""Why nothing can be said of an arm, or nothing yet, whatever its difference is."""

from hitcast.experiments.differences import Difference, difference
from hitcast.experiments.gathering import Answered
from hitcast.experiments.metrics import METRICS, Metric
from hitcast.experiments.table import UnitTable
from hitcast.experiments.verdicts import FEWEST_OUTCOMES, FEWEST_UNITS, Comparison

MOST_FALLBACKS = 0.05
"""Of an arm's answers, those of the default: with more it was not the arm that was tried."""
FEEDBACK_GAP = 0.01
"""Smaller differences in the share of predictions with a known outcome are let pass."""
FEEDBACK_ALPHA = 0.01
"""How often a difference in that share may ever be found where there is none."""


def versions(alias: str, answered: Answered | None) -> list[str]:
    """Says it where several versions have answered as one arm."""
    if answered is None or len(answered.versions) < 2:
        return []
    return [
        f"the arm {alias} was served by the versions {list(answered.versions)}: expected one "
        "for the whole experiment; start another, under a new name"
    ]


def fallen(alias: str, answered: Answered | None) -> list[str]:
    """Says it where the default has answered for an arm too often."""
    if answered is None or answered.fallbacks <= MOST_FALLBACKS * answered.predictions:
        return []
    share = answered.fallbacks / answered.predictions
    return [
        f"the default answered {share:.1%} of the predictions of {alias}, whose version was "
        f"broken: expected {MOST_FALLBACKS:.0%} at most; mend it, and start another, under a new "
        "name"
    ]


def unlike_feedback(units: UnitTable, metric: Metric, treatment: str, control: str) -> list[str]:
    """Says it where outcomes are known more often in one arm than in the other.

    Then those that are known are no fair part of all: where only what was not flagged is followed
    up, another threshold alone changes every metric of outcomes.
    """
    told = METRICS["feedback"]
    if metric.count == told.count:
        return []  # Needs no outcomes.
    rows = units.rows(told, treatment, control)
    found = Comparison.of(difference(rows), FEEDBACK_GAP, FEEDBACK_ALPHA)
    if not found.excludes_zero or abs(found.difference.value) < FEEDBACK_GAP:
        return []
    shares = {a: units.of_arm(a).ratio(told).value for a in (treatment, control)}
    return [
        f"outcomes are known for {shares[treatment]:.1%} of the predictions of {treatment}, and "
        f"for {shares[control]:.1%} of {control}: what is known is no fair part of all, so nothing "
        "that rests on it can be compared; follow up both arms alike"
    ]


def few(side: UnitTable, alias: str, classes: int) -> str | None:
    """Why the normal approximation can't be relied on yet in one arm, if it can't."""
    known = side.sums["with_outcome"]
    counts = {"with a known outcome": (side.units_with(known), FEWEST_UNITS)}
    kinds = {"a wrong answer": known - side.sums["correct"]}
    if classes == 2:
        positive = side.sums["positive_outcomes"]
        kinds = {"a positive outcome": positive, "another outcome": known - positive}
    counts |= {f"with {kind}": (side.units_with(v), FEWEST_OUTCOMES) for kind, v in kinds.items()}
    for kind, (count, wanted) in counts.items():
        if count < wanted:
            only = count == 0 and kind == "with another outcome" and known.sum() > 0
            advice = "; all that was fed back is positive: send what came of the rest, too"
            return f"{alias} has {count} units {kind}, it takes {wanted}{advice if only else ''}"
    return None


def carried_by_few(found: Difference) -> str | None:
    """The same of what is known of the spread; where there is none, nothing is missing."""
    if found.carried >= FEWEST_OUTCOMES or found.error == 0:
        return None
    return (
        f"what is known of the spread rests on about {found.carried:.0f} units of an arm, it takes "
        f"{FEWEST_OUTCOMES}; a unit with very many predictions, as a probe has, is best left "
        "without an id"
    )
