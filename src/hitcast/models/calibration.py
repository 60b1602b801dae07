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
    line = np.array(start or (0.0, _base(label, held)))
    if not np.isfinite(line).all():
        return float("nan"), float("nan")

    def loss(of: Array) -> float:
        total = of[0] * margin + of[1]
        return float(held @ (np.logaddexp(0.0, total) - label * total))

    before = loss(line)
    for _ in range(STEPS):
        expected = sigmoid(line[0] * margin + line[1])
        missed = held * (label - expected)
        curved = held * expected * (1.0 - expected)
        gradient = np.array([missed @ margin, missed.sum()])
        across = curved @ margin
        hessian = np.array([[curved @ margin**2, across], [across, curved.sum()]])
        try:
            step = np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            break
        # A whole step can run away where probabilities are far too sure, or not sure enough.
        while (after := loss(line + step)) > before and np.abs(step).max() >= ENOUGH:
            step = step / 2
        line, before = line + step, after
        if np.abs(step).max() < ENOUGH:
            return float(line[0]), float(line[1])
    return float("nan"), float("nan")


def _base(label: Array, weights: Array) -> float:
    """The log-odds of the share of positive rows; not finite with one class only."""
    hits = float(weights @ label)
    with np.errstate(divide="ignore"):
        return float(np.log(hits) - np.log(weights.sum() - hits))
