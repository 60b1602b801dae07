"""What a report says, as JSON has it: numbers that can't be told are null."""

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from hitcast.declaration.experiment import Arm
from hitcast.experiments.areas import AREA
from hitcast.experiments.comparing import Contest, versus
from hitcast.experiments.metrics import COUNTS, metrics_of
from hitcast.experiments.power import Power
from hitcast.experiments.sequences import LEVEL
from hitcast.experiments.verdicts import BETTER, Comparison
from hitcast.models.bootstrap import Interval

FORMAT = 1
"""Of the file that the API serves."""


def findings(contest: Contest, *, use_case: str, title: str, generated: bool) -> dict[str, Any]:
    """All that a report says.

    Args:
        contest: The experiment with what was gathered of it.
        use_case: Whose it is.
        title: What people call that.
        generated: Whether rows or models are made up.
    """
    experiment, gathered = contest.experiment, contest.gathered
    split = contest.split
    return {
        "format": FORMAT,
        "kind": "experiment",
        "name": experiment.name,
        "use_case": use_case,
        "title": title,
        "generated": generated,
        "first": gathered.first.isoformat(),
        "at": gathered.newest.isoformat(),
        "state": gathered.state,
        "metric": experiment.metric,
        "higher_is_better": contest.metric.higher_is_better,
        "smallest_difference": experiment.smallest_difference,
        "control": experiment.control.alias,
        "verdict": contest.verdict,
        "reasons": contest.reasons,
        "winners": [a for a, judged in contest.judged.items() if judged.verdict == BETTER],
        "units": gathered.units.units_with(gathered.units.sums["predictions"]),
        "sequences": {"level": LEVEL, "alpha_of_each": contest.alpha},
        "sample_ratio": {
            "units": dict(split.units), "expected": dict(split.expected),
            "p_value": split.p_value, "fault": split.is_fault,
        },
        "periods": len(gathered.units.periods),
        "arms": {arm.alias: arm_told(contest, arm) for arm in experiment.arms},
        "over_time": over_time(contest),
        "traffic": [
            {"day": day, "arm": alias, "predictions": predictions, "units": units}
            for alias, arm in gathered.arms.items()
            for day, (predictions, units) in arm.days.items()
        ],
    }  # fmt: skip


def arm_told(contest: Contest, arm: Arm) -> dict[str, Any]:
    """What is said of one arm; of the control without a comparison."""
    gathered, control = contest.gathered, contest.experiment.control
    known = gathered.arms.get(arm.alias)
    side = contest.side(arm, arm)
    found: dict[str, Any] = {
        "alias": arm.alias,
        "weight": None if arm.shadow else arm.weight,
        "shadow": arm.shadow,
        "control": arm == control,
        "versions": list(known.versions) if known else [],
        "units": side.units_with(side.sums["predictions"]),
        **{name: int(side.total(name)) for name in COUNTS},
        "metrics": {
            name: told(Interval((r := side.ratio(metric)).value, r.error))
            for name, metric in metrics_of(contest.classes).items()
        },
    }
    area = gathered.areas.get((arm.alias, versus(arm)))
    found["metrics"][AREA] = told(area or Interval(float("nan"), float("nan")))
    if arm == control:
        return found
    judged = contest.judged[arm.alias]
    return {
        **found,
        "verdict": judged.verdict,
        "reason": judged.reason,
        "differences": {
            name: compared(contest.compare(arm, metric))
            for name, metric in metrics_of(contest.classes).items()
            if metric.of_answers or not arm.shadow
        },
        "power": power_told(judged.power),
    }


def over_time(contest: Contest) -> list[dict[str, Any]]:
    """The differences in the deciding metric as they would have been at each look.

    With the outcomes that are known now, of predictions made until then.
    """
    found = []
    for look, ends in enumerate(contest.gathered.ends):
        at: datetime = min(ends, contest.gathered.newest)
        for arm in contest.others:
            if contest.metric.of_answers or not arm.shadow:
                comparison = contest.compare(arm, contest.metric, look)
                told = {"at": at.isoformat(), "arm": arm.alias, **compared(comparison)}
                found.append({**told, "metric": contest.experiment.metric})
    return found


def told(interval: Interval) -> dict[str, float | None]:
    """A metric with its 95 % interval."""
    return {
        "value": number(interval.value), "low": number(interval.low), "high": number(interval.high),
    }  # fmt: skip


def compared(comparison: Comparison) -> dict[str, Any]:
    """A difference with its interval of fixed horizon and its sequence."""
    d, fixed = comparison.difference, comparison.fixed
    return {
        "difference": number(d.value),
        "low": number(fixed.low),
        "high": number(fixed.high),
        "sequence_low": number(comparison.low),
        "sequence_high": number(comparison.high),
        "units": d.units,
        "periods_left_out": d.periods_left_out,
    }


def power_told(power: Power) -> Mapping[str, Any]:
    """What can be found with how many units."""
    return {
        "units": power.units,
        "units_needed": power.units_needed,
        "units_still_needed": power.still_needed,
        "units_needed_at_a_fixed_horizon": power.units_needed_once,
        "units_planned": power.planned,
        "power_at_planned": power.at_planned,
    }


def number(value: float) -> float | None:
    """JSON has neither NaN nor infinity."""
    return float(value) if isfinite(value) else None
