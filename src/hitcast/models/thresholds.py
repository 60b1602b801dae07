"""From which probability on a row is called positive."""

import numpy as np
from numpy.typing import NDArray

from hitcast.declaration.sections import Cost
from hitcast.models.metrics import Array, Scored


def choose_threshold(scored: Scored, cost: Cost | None = None) -> float | None:
    """The threshold with the best F1 on these rows, or with the least cost.

    It lies midway between two probabilities that occur, so that no row stands on it and the last
    bits of a probability never decide a label.

    Args:
        scored: Rows of two classes; of more, the most likely one is answered, and there is none.
        cost: What mistakes cost; None: F1 decides.
    """
    if scored.classes > 2:
        return None
    return best_f1_threshold(scored) if cost is None else cheapest_threshold(scored, cost)


def best_f1_threshold(scored: Scored) -> float:
    """The threshold with the best F1, of rows of two classes."""
    weights = _weights(scored)
    points, hits, rows = _from_each_point_on(scored, weights)
    f1 = 2 * hits / (rows + weights @ scored.label)
    return _midway(points, int(np.argmax(f1)))


def cheapest_threshold(scored: Scored, cost: Cost) -> float:
    """The threshold with the least cost, of rows of two classes; 1 where no row is worth a call."""
    points, hits, rows = _from_each_point_on(scored, _weights(scored))
    saved = cost.false_negative * hits - cost.false_positive * (rows - hits)
    best = int(np.argmax(saved))
    return _midway(points, best) if saved[best] > 0 else (float(points[-1]) + 1.0) / 2


def _from_each_point_on(scored: Scored, weights: Array) -> tuple[Array, Array, Array]:
    """The distinct probabilities; weight of positive, and all, rows at or above each."""
    points, places = np.unique(scored.probability, return_inverse=True)

    def above(of_rows: Array) -> Array:
        of_points = np.bincount(places, of_rows, len(points)).astype(float)
        found: Array = np.cumsum(of_points[::-1])[::-1]
        return found

    return points, above(weights * scored.label), above(weights)


def _midway(points: NDArray[np.float64], place: int) -> float:
    below = float(points[place - 1]) if place else 0.0
    return (below + float(points[place])) / 2


def _weights(scored: Scored) -> Array:
    return np.ones(len(scored.label)) if scored.weights is None else scored.weights
