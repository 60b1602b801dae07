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

    Of more classes than two, odds are those against the first class, and a softmax takes the place
    of the sigmoid.

    Attributes:
        weights: One a member, 0 or more each.
        intercept: What is added, where there are two classes.
        intercepts: The same of each class after the first, where there are more.
    """

    weights: tuple[float, ...]
    intercept: float = 0.0
    intercepts: tuple[float, ...] = ()

    def probabilities(self, members: Sequence[Array]) -> Array:
        """The blend of the members' probabilities, shape (n,) each, or (n, classes).

        Args:
            members: In the order of the weights.
        """
        margin: Array = np.zeros_like(log_odds(members[0])) + (self.intercepts or self.intercept)
        for weight, member in zip(self.weights, members, strict=True):
            margin += weight * log_odds(member)
        return softmax(margin) if self.intercepts else sigmoid(margin)


def log_odds(probability: Array) -> Array:
    """Log of the odds of probabilities that are clipped to `SURE` from 0 and 1.

    Args:
        probability: Of the positive class, shape (n,); or of each of several, (n, classes).

    Returns:
        Shape (n,); or (n, classes - 1), against the first class.
    """
    held = np.clip(probability, SURE, 1.0 - SURE)
    found: Array
    if held.ndim == 2:
        logs = np.log(held)
        found = logs[:, 1:] - logs[:, :1]
    else:
        found = np.log(held) - np.log(1.0 - held)
    return found


def softmax(margin: Array) -> Array:
    """Probabilities of all classes, by log-odds of all but the first against it."""
    whole = np.column_stack([np.zeros(len(margin)), margin])
    powers = np.exp(whole - whole.max(axis=1, keepdims=True))
    found: Array = powers / powers.sum(axis=1, keepdims=True)
    return found


def sigmoid(margin: Array) -> Array:
    """Probability of log-odds."""
    found: Array = 1.0 / (1.0 + np.exp(-margin))
    return found
