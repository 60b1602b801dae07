"""The asymptotic confidence sequence: an interval for those who look whenever they like.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic
confidence sequences" (Annals of Statistics, 2024; arXiv 2103.06476). Over n units with standard
deviation s (of the influence, for a difference of arms: see their average treatment effect) the
half-width is

    s * sqrt(2 (n r² + 1) / (n² r²) * log(sqrt(n r² + 1) / a)).

Here it is written in the standard error e = s / sqrt(n) and t = r s, which is the same:

    e * sqrt(2 (1 + e² / t²) * log(sqrt(1 + t² / e²) / a)).

So it runs over what is known, 1 / e², and needs no n of its own where shares of arms are unequal or
a unit's variance changes (as in their sequence of Lyapunov's type, with a sum of variances). And t
is in the metric's unit: it is fixed before the first look, by what is declared alone.
"""

from functools import lru_cache
from math import log, sqrt
from statistics import NormalDist
from typing import TypeVar

import numpy as np

from hitcast.models.metrics import Array

LEVEL = 0.95
POWER = 0.8
"""Of finding the declared difference: what the sequence is tuned for."""
Errors = TypeVar("Errors", float, Array)


def half_width(error: Errors, scale: float, alpha: float = 1 - LEVEL) -> Errors:
    """Half the width of the sequence.

    Args:
        error: The difference's standard error, as of a look; any shape.
        scale: The `t` of the sequence: see `scale_for`.
        alpha: How often the sequence may ever be wrong.
    """
    apart = (scale / error) ** 2
    reach: Errors = error * np.sqrt(2 * (1 + 1 / apart) * np.log(np.sqrt(1 + apart) / alpha))
    return reach


def scale_for(smallest_difference: float, alpha: float = 1 - LEVEL) -> float:
    """The `t` with which the sequence is narrowest when the declared difference is to be found.

    With n r² = -2 log a + log(1 - 2 log a) it is narrowest at that n, but for an approximation of
    Lambert's W. The difference is found there with a power of .8 when it is as many standard errors
    as the sequence reaches, and .84 more.
    """
    return smallest_difference * _in_differences(alpha)


@lru_cache
def _in_differences(alpha: float) -> float:
    narrowest = -2 * log(alpha) + log(1 - 2 * log(alpha))
    reach = sqrt(2 * (1 + 1 / narrowest) * log(sqrt(1 + narrowest) / alpha))
    return sqrt(narrowest) / (reach + NormalDist().inv_cdf(POWER))
