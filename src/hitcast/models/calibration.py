"""The line through log-odds that makes probabilities true (Platt, 1999)."""

import numpy as np

from hitcast.models.metrics import Array
from hitcast.portable.blend import sigmoid

STEPS, ENOUGH = 50, 1e-9
"""Of Newton's method: how many at most, and when the last was small enough."""


def platt(label: Array, margin: Array, weights: Array | None = None) -> tuple[float, float]:
    """Slope and intercept of a logistic regression of the label on one number (Platt, 1999).

    Args:
        label: 0.0 or 1.0, shape (n,).
        margin: Log-odds, shape (n,).
        weights: Of the rows; None: 1 each.

    Returns:
        Slope and intercept; NaN both where the rows can't tell, as with one class only.
    """
    held = np.ones(len(label)) if weights is None else weights
    slope, intercept = 1.0, 0.0
    for _ in range(STEPS):
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
