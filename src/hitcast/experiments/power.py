"""How likely the declared difference is found, and how many units that takes.

The sequence looks at a difference that settles like a random walk with a drift: how many standard
errors it is away in the end decides alone. So power is simulated once for that number, over looks
in equal steps, and units follow from the variance of one unit: that of a difference falls as
1 / units.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, isfinite
from statistics import NormalDist

import numpy as np

from hitcast.experiments.sequences import LEVEL, POWER, half_width, scale_for

LOOKS = 30
WALKS = 20_000
"""A share of so many is known to .3 of a hundred."""
FARTHEST = 20.0
"""In standard errors; from there on everything is found."""


@dataclass(frozen=True)
class Power:
    """What can be found.

    Attributes:
        units: How many there are in both arms.
        units_needed: How many it takes to find the declared difference with a power of .8, by the
            sequence; None where nothing is known of the variance.
        units_needed_once: The same of one look at a 95 % interval of fixed horizon.
        planned: How many units are planned; None where nobody said.
        at_planned: The power with these.
    """

    units: int
    units_needed: int | None
    units_needed_once: int | None
    planned: int | None = None
    at_planned: float | None = None

    @property
    def still_needed(self) -> int | None:
        """How many more it takes."""
        return None if self.units_needed is None else max(0, self.units_needed - self.units)


def power_of(
    smallest_difference: float,
    error: float,
    units: int,
    *,
    alpha: float = 1 - LEVEL,
    planned: int | None = None,
) -> Power:
    """Power and units needed, from what the difference's standard error is now.

    Args:
        smallest_difference: What is to be found, in the metric's unit.
        error: The standard error with `units` units in both arms.
        units: See there.
        alpha: How often the sequence may be wrong.
        planned: How many units there are to be.
    """
    if not (isfinite(error) and error > 0):
        return Power(units, None, None, planned)
    of_one = error**2 * units / smallest_difference**2
    once = NormalDist().inv_cdf((1 + LEVEL) / 2) + NormalDist().inv_cdf(POWER)
    at_planned = None if not planned else found_by_sequence((planned / of_one) ** 0.5, alpha)
    return Power(
        units, ceil(away_for(alpha) ** 2 * of_one), ceil(once**2 * of_one), planned, at_planned
    )


@lru_cache(maxsize=1024)
def found_by_sequence(away: float, alpha: float = 1 - LEVEL, looks: int = LOOKS) -> float:
    """The share of experiments in which the sequence leaves 0 on the right side first.

    Args:
        away: How many standard errors the difference is from 0 at the last look.
        alpha: How often the sequence may be wrong.
        looks: In equal steps of units.
    """
    if away >= FARTHEST:
        return 1.0
    share = np.arange(1, looks + 1) / looks
    steps = np.random.default_rng(18).standard_normal((WALKS, looks)) / np.sqrt(looks)
    found = np.cumsum(steps, axis=1) / share + away
    reach = half_width(1 / np.sqrt(share), scale_for(away, alpha), alpha)
    outside = np.where(found > reach, 1, np.where(found < -reach, -1, 0))
    first = np.argmax(outside != 0, axis=1)
    return float(np.mean(outside[np.arange(WALKS), first] > 0))


@lru_cache
def away_for(alpha: float = 1 - LEVEL, power: float = POWER) -> float:
    """How many standard errors the difference has to be away to be found with a power."""
    low, high = 0.5, FARTHEST
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if found_by_sequence(middle, alpha) < power else (low, middle)
    return high
