"""Compares each arm with the control: differences, sequences, power, a verdict in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hitcast.declaration.experiment import Arm, Experiment
from hitcast.experiments.differences import Difference, difference
from hitcast.experiments.doubts import carried_by_few, fallen, few, unlike_feedback, versions
from hitcast.experiments.gathering import Gathered
from hitcast.experiments.metrics import METRICS, Metric
from hitcast.experiments.power import Power, power_of
from hitcast.experiments.sample_ratio import SampleRatio, sample_ratio
from hitcast.experiments.sequences import LEVEL
from hitcast.experiments.table import ANSWERS, UnitTable
from hitcast.experiments.verdicts import NONE, Comparison, overall, verdict_of


@dataclass(frozen=True)
class Judged:
    """What is said of one arm."""

    verdict: str
    reason: str
    power: Power


@dataclass(frozen=True)
class Contest:
    """An experiment with what was gathered of it.

    Attributes:
        classes: How many the label has.
        planned: How many units there are to be; None where nobody said.
    """

    experiment: Experiment
    gathered: Gathered
    classes: int
    planned: int | None = None

    @property
    def metric(self) -> Metric:
        """The metric that decides."""
        return METRICS[self.experiment.metric]

    @property
    def others(self) -> tuple[Arm, ...]:
        """The arms that are compared with the control."""
        return tuple(arm for arm in self.experiment.arms if arm != self.experiment.control)

    @property
    def alpha(self) -> float:
        """How often one sequence may be wrong, so that all of them are in 5 of 100 (Bonferroni)."""
        return (1 - LEVEL) / max(1, sum(self._can_be_judged(arm) for arm in self.others))

    def compare(self, arm: Arm, metric: Metric, look: int | None = None) -> Comparison:
        """An arm less the control, by what is known up to a look; all of it, if none is named."""
        units = self.gathered.units
        part = units if look is None else units.until(look)
        rows = part.rows(metric, arm.alias, self.experiment.control.alias, versus(arm))
        # A sequence is tuned for what is declared, which is in the unit of one metric.
        return Comparison.of(difference(rows), self.experiment.smallest_difference, self.alpha)

    def side(self, arm: Arm, of: Arm) -> UnitTable:
        """What `of` did where it is compared with `arm`, as one of the two."""
        return self.gathered.units.of_arm(of.alias, versus(arm))

    @cached_property
    def split(self) -> SampleRatio:
        """Units by arm against the weights, of all periods whose weights are known."""
        units = self.gathered.units
        # Lines of before shares were logged: what is declared now is of the newest period.
        known = self.gathered.shares or {units.periods[-1]: self.experiment.shares}
        return sample_ratio(units.first_seen(sorted(known)), known)

    def _of_arm(self, arm: Arm) -> list[str]:
        known = self.gathered.arms.get(arm.alias)
        return [*versions(arm.alias, known), *fallen(arm.alias, known)]

    @cached_property
    def faults(self) -> Sequence[str]:
        """Why nothing can be said of any arm."""
        found = []
        if self.split.is_fault:
            found.append(
                f"units are not split as the weights say: {self.split.told}; see why some are "
                "lost, or counted twice, before anything is compared"
            )
        return [*found, *self._of_arm(self.experiment.control)]

    @cached_property
    def judged(self) -> Mapping[str, Judged]:
        """What is said of each arm, by alias."""
        return {arm.alias: self._judge(arm) for arm in self.others}

    @property
    def verdict(self) -> str:
        """One verdict for all arms."""
        return overall([found.verdict for found in self.judged.values()])

    @property
    def reasons(self) -> list[str]:
        """Why, and what else is to be known."""
        found = self.faults or [f"{alias}: {j.reason}" for alias, j in self.judged.items()]
        broken = {a: arm.fallbacks for a, arm in self.gathered.arms.items() if arm.fallbacks}
        told = ", ".join(f"{count:,} of {alias}" for alias, count in broken.items())
        fell = f"answered by the default in the place of a broken arm, and counted for it: {told}"
        return [*found, *([fell] if broken else [])]

    def _judge(self, arm: Arm) -> Judged:
        found = self.compare(arm, self.metric)
        d, declared = found.difference, self.experiment.smallest_difference
        power = power_of(declared, d.error, d.units, alpha=self.alpha, planned=self.planned)
        why_not = [*self.faults, *self._of_arm(arm)]
        if not arm.shadow:
            units, control = self.gathered.units, self.experiment.control
            why_not += unlike_feedback(units, self.metric, arm.alias, control.alias)
        if not self._can_be_judged(arm):
            why_not.append(
                "a shadow answers nobody, so outcomes are the same with it and without; judge it "
                "by log_loss or brier"
            )
        if why_not:
            return Judged(NONE, "; ".join(why_not), power)
        return Judged(*verdict_of(found, self.metric, declared, self._few(arm, d)), power)

    def _can_be_judged(self, arm: Arm) -> bool:
        return self.metric.of_answers or not arm.shadow

    def _few(self, arm: Arm, found: Difference) -> str | None:
        """Why the normal approximation can't be relied on yet, if it can't."""
        both = (self.experiment.control, arm)
        sides = (few(self.side(arm, of), of.alias, self.classes) for of in both)
        return next(filter(None, sides), None) or carried_by_few(found)


def versus(arm: Arm) -> str:
    """What an arm's rows have in `versus` where it is compared."""
    return arm.alias if arm.shadow else ANSWERS
