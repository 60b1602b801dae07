"""The line through log-odds that makes probabilities true (Platt, 1999)."""

import numpy as np

from hitcast.models.metrics import Array
from hitcast.portable.blend import sigmoid

STEPS, ENOUGH = 50, 1e-9
"""Of Newton's method: how many at most, and when the last was small enough."""


def platt(
    label: Array,
    margin: Array,
    weights: Array | None = None,
    start: tuple[float, float] | None = None,
) -> tuple[float, float]:
    """Slope and intercept of a logistic regression of the label on one number (Platt, 1999).

    Args:
        label: 0.0 or 1.0, shape (n,).
        margin: Log-odds, shape (n,).
        weights: Of the rows; None: 1 each.
        start: Slope and intercept that are near, such as those of all rows; saves steps.

    Returns:
        Slope and intercept; NaN both where the rows can't tell, as with one class only.
    """
    held = np.ones(len(label)) if weights is None else weights
    # From a slope of 1, Newton's method runs away where probabilities are far too sure.
    slope, intercept = start or (0.0, _base(label, held))
    for _ in range(STEPS if np.isfinite([slope, intercept]).all() else 0):
        expected = sigmoid(slope * margin + intercept)
        missed = held * (label - expected)
        curved = held * expected * (1.0 - expected)
        gradient = np.array([missed @ margin, missed.sum()])
        across = curved @ margin
        hessian = np.array([[curved @ margin**2, across], [across, curved.sum()]])
        try:
            step = np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            break
        slope, intercept = slope + float(step[0]), intercept + float(step[1])
        if not np.isfinite([slope, intercept]).all():
            break
        if np.abs(step).max() < ENOUGH:
            return slope, intercept
    return float("nan"), float("nan")


def _base(label: Array, weights: Array) -> float:
    """The log-odds of the share of positive rows; not finite with one class only."""
    hits = float(weights @ label)
    with np.errstate(divide="ignore"):
        return float(np.log(hits) - np.log(weights.sum() - hits))
