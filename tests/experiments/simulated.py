"""Made-up experiments: units with a rate of their own that come back, looked at again and again.

Each has its own random numbers, and what is known at each look is as a report has it: one row a
unit, with all its predictions until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitcast.experiments.differences import Difference, Rows, difference
from hitcast.experiments.metrics import METRICS
from hitcast.experiments.verdicts import FEWEST_OUTCOMES, NOT_YET, Comparison, verdict_of
from hitcast.models.metrics import Array

LOOKS = 30


@dataclass(frozen=True)
class World:
    """How units behave.

    Attributes:
        units: In both arms, in the end.
        rate: The mean share of positive outcomes.
        spread: Standard deviation of the logarithm of a unit's own rate, of mean `rate`; rates
            around a half stay within 40 % of it.
        most: Predictions of a unit, from 1 to so many.
        effect: What is added to the rate in the treatment.
        share: Of units in the treatment.
        at_once: The share of units that are there before the first look; they only come back.
        fickle: Whether a unit's rate changes from one look to the next.
        loss: Whether the metric is the log loss of a probability that does not know the outcome.
    """

    units: int = 1_000
    rate: float = 0.05
    spread: float = 0.7
    most: int = 50
    effect: float = 0.0
    share: float = 0.5
    at_once: float = 0.0
    fickle: bool = False
    loss: bool = False


@dataclass(frozen=True)
class Drawn:
    """One experiment: what each unit adds at each look, (units, looks), and its arm, (units,)."""

    treated: NDArray[np.bool_]
    total: Array
    count: Array
    positive: Array

    def fewest(self) -> Array:
        """Units that have had an outcome of either kind, in the arm with fewer, by look."""
        had = [np.cumsum(of, axis=1) > 0 for of in (self.positive, self.count - self.positive)]
        of_arms = [of[arm].sum(axis=0) for of in had for arm in (self.treated, ~self.treated)]
        fewest: Array = np.min(of_arms, axis=0).astype(float)
        return fewest


def draw(world: World, seed: int) -> Drawn:
    """One experiment."""
    random = np.random.default_rng(seed)
    n = world.units
    treated = random.random(n) < world.share
    begins = np.where(random.random(n) < world.at_once, 0, random.integers(0, LOOKS, n))
    predictions = random.integers(1, world.most + 1, n)
    # The first prediction is where the unit begins, the others anywhere from there on.
    who = np.repeat(np.arange(n), predictions)
    when = begins[who] + np.floor(random.random(len(who)) * (LOOKS - begins[who])).astype(int)
    first = np.concatenate(([0], np.cumsum(predictions)[:-1]))
    when[first] = begins
    times = np.bincount(who * LOOKS + when, minlength=n * LOOKS).reshape(n, LOOKS)
    shape = (n, LOOKS) if world.fickle else (n, 1)
    own = np.exp(world.spread * random.standard_normal(shape) - world.spread**2 / 2)
    # Rare outcomes' rates spread upwards, those of a half to both sides.
    if world.rate > 0.2:
        rate = world.rate + 0.4 * world.rate * np.clip(own - 1, -1, 1)
    else:
        rate = world.rate * own
    rate = np.clip(rate + world.effect * treated[:, None], 0, 1)
    positive = random.binomial(times, rate).astype(float)
    count = times.astype(float)
    if not world.loss:
        return Drawn(treated, positive, count, positive)
    # Probabilities around the rate: the log loss of a row that is positive is heavy.
    said = np.clip(world.rate * np.exp(0.5 * random.standard_normal((n, LOOKS))), 1e-6, 0.99)
    lost = -positive * np.log(said) - (count - positive) * np.log1p(-said)
    return Drawn(treated, lost, count, positive)


def looks(drawn: Drawn) -> Iterator[Rows]:
    """What is known at each look."""
    total, count = np.cumsum(drawn.total, axis=1), np.cumsum(drawn.count, axis=1)
    unit = np.arange(len(total))
    for look in range(LOOKS):
        seen = count[:, look] > 0
        yield Rows(
            unit[seen], np.zeros(seen.sum(), int), drawn.treated[seen],
            total[seen, look], count[seen, look],
        )  # fmt: skip


@dataclass(frozen=True)
class Paths:
    """The differences at each look of many experiments, (runs, looks) each.

    Attributes:
        fewest: Of what has to be many: units of an arm with either outcome, and by which the
            variance is carried.
    """

    value: Array
    error: Array
    fewest: Array
    units: Array


def paths(world: World, runs: int, seed: int = 0) -> Paths:
    """Many experiments in one world."""
    found = np.empty((4, runs, LOOKS))
    for run in range(runs):
        drawn = draw(world, seed * 1_000_003 + run)
        for look, rows in enumerate(looks(drawn)):
            d: Difference = difference(rows)
            found[:, run, look] = d.value, d.error, d.carried, d.units
        found[2, run] = np.minimum(found[2, run], drawn.fewest())
    return Paths(*found)


def verdicts(found: Paths, smallest: float, alpha: float = 0.05) -> list[list[str]]:
    """What is said at each look of each experiment; a higher metric is better."""
    runs = zip(found.value.tolist(), found.error.tolist(), found.fewest.tolist(), strict=True)
    return [[_verdict(*look, smallest, alpha) for look in zip(*run, strict=True)] for run in runs]


def _verdict(value: float, error: float, fewest: float, smallest: float, alpha: float) -> str:
    comparison = Comparison.of(Difference(value, error, 0, fewest), smallest, alpha)
    few = "few" if fewest < FEWEST_OUTCOMES else None
    return verdict_of(comparison, METRICS["outcome"], smallest, few)[0]


def share_with(said: list[list[str]], *wanted: str) -> float:
    """The share of experiments in which one of some verdicts is ever said."""
    return float(np.mean([any(verdict in wanted for verdict in of) for of in said]))


def share_first(said: list[list[str]], wanted: str) -> float:
    """The share of experiments in which a verdict is the first that is another than "not yet"."""
    first = [next((verdict for verdict in of if verdict != NOT_YET), NOT_YET) for of in said]
    return float(np.mean([verdict == wanted for verdict in first]))
