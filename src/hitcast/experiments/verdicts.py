"""What a comparison says, in words: by the sequence alone, so that every look may be the last."""

from dataclasses import dataclass
from math import isfinite

from hitcast.experiments.differences import Difference
from hitcast.experiments.metrics import Metric
from hitcast.experiments.sequences import LEVEL, half_width, scale_for
from hitcast.models.bootstrap import Interval

BETTER, WORSE, SAME = "better", "worse", "no difference that matters"
NOT_YET, NONE = "not yet", "no verdict"
FEWEST_UNITS = 100
"""Of each arm, with a known outcome."""
FEWEST_OUTCOMES = 20
"""Units of each arm with either kind of outcome (a wrong answer, of more classes than two), and by
which the variance is carried: with fewer, the normal approximation that all rests on does not hold;
see docs/experiments-report.md."""


@dataclass(frozen=True)
class Comparison:
    """A difference with what is known of it.

    Attributes:
        difference: Treatment less control.
        low: The lower end of the sequence.
        high: Its upper end.
    """

    difference: Difference
    low: float
    high: float

    @classmethod
    def of(cls, found: Difference, smallest_difference: float, alpha: float) -> "Comparison":
        """With the sequence that is tuned for a difference."""
        # Without spread there is nothing to judge by.
        known = isfinite(found.error) and found.error > 0
        scale = scale_for(smallest_difference, alpha)
        reach = float(half_width(found.error, scale, alpha)) if known else float("inf")
        return cls(found, found.value - reach, found.value + reach)

    @property
    def excludes_zero(self) -> bool:
        """Whether the sequence leaves no difference at all outside."""
        return self.low > 0 or self.high < 0

    @property
    def fixed(self) -> Interval:
        """The 95 % interval of those who look once, at a time set before."""
        return Interval(self.difference.value, self.difference.error, LEVEL)


def verdict_of(
    found: Comparison, metric: Metric, smallest_difference: float, few: str | None = None
) -> tuple[str, str]:
    """The verdict and its reason.

    Args:
        found: The comparison, by the metric that decides.
        metric: Says which direction is better.
        smallest_difference: Smaller ones don't matter.
        few: Why there is too little to judge by, if there is.
    """
    low, high = found.low, found.high
    between = f"between {low:+.4g} and {high:+.4g} in {metric.told}, treatment less control"
    if few is not None:
        return NOT_YET, few
    if found.difference.error == 0 and found.difference.value == 0:
        return SAME, f"in {metric.told} the two are alike in every unit"
    if not (isfinite(low) and isfinite(high)):
        return NOT_YET, "no outcome differs from another: there is no spread to judge by"
    if -smallest_difference < low and high < smallest_difference:
        return SAME, f"{between}: all of it within ±{smallest_difference:g}"
    if found.excludes_zero:
        better = metric.gain(found.difference.value) > 0
        return (BETTER if better else WORSE), f"{between}: 0 is outside"
    return NOT_YET, f"{between}: 0 is inside, and more than ±{smallest_difference:g} is"


def overall(verdicts: list[str]) -> str:
    """One verdict for several comparisons: what there is to do something about goes first."""
    judged = [verdict for verdict in verdicts if verdict != NONE]
    order = (BETTER, NOT_YET, SAME, WORSE)
    return next((verdict for verdict in order if verdict in judged), NONE)
