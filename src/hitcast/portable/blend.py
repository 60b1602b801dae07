"""Several classifiers as one: a weighted sum of their log-odds, calibrated.

A blend of one is its Platt calibration. The same for a graph is in `linear`; the parity check holds
one against the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SURE = 1e-6
"""Log-odds are taken of probabilities no nearer to 0 and 1 than this, so that all are finite."""


@dataclass(frozen=True)
class Blend:
    """P(label = 1) = sigmoid(intercept + sum of weight * log-odds), over the members.

    Attributes:
        weights: One a member, 0 or more each.
        intercept: What is added.
    """

    weights: tuple[float, ...]
    intercept: float = 0.0

    def probabilities(self, members: Sequence[Array]) -> Array:
        """The blend of the members' probabilities, shape (n,) each.

        Args:
            members: In the order of the weights.
        """
        margin = np.full(len(members[0]), self.intercept)
        for weight, member in zip(self.weights, members, strict=True):
            margin += weight * log_odds(member)
        return sigmoid(margin)


def log_odds(probability: Array) -> Array:
    """Log of the odds of probabilities that are clipped to `SURE` from 0 and 1."""
    held = np.clip(probability, SURE, 1.0 - SURE)
    found: Array = np.log(held) - np.log(1.0 - held)
    return found


def sigmoid(margin: Array) -> Array:
    """Probability of log-odds."""
    found: Array = 1.0 / (1.0 + np.exp(-margin))
    return found
