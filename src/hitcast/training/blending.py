"""Which families answer, and how their log-odds are weighted and calibrated.

Everything is decided on out-of-fold predictions; how good it is, on nested folds: what a fold is
measured by was fitted on the others. Test rows have no part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from hitcast.models.bootstrap import Interval
from hitcast.models.drawn import intervals
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array
from hitcast.portable.blend import Blend, log_odds, sigmoid
from hitcast.training.rows import Rows

LEAST = 0.01
"""A family of less weight is left out; the only one has this at least, which keeps its order."""


@dataclass(frozen=True)
class Chosen:
    """What answers.

    Attributes:
        members: Places of the chosen among the families given.
        blend: Their weights and the intercept, fitted on all rows.
        probability: Of each row, by a blend that was fitted on the other folds.
        threshold: The threshold with the best F1 on those.
        gain: What blending gained over the best family; None where there was but one.
    """

    members: tuple[int, ...]
    blend: Blend
    probability: Array
    threshold: float
    gain: Interval | None


def choose(rows: Rows, families: Sequence[Array], metric: str) -> Chosen:
    """Choose the best family, or a blend of all if that gains more than one standard error.

    The rule of one standard error (Breiman et al., 1984): on nested folds a gain is not flattered,
    so this is asked of it for the sake of the simpler model, not as a proof.

    Args:
        rows: Labels, folds and groups.
        families: Out-of-fold probabilities of each family, best first, in the rows' order.
        metric: What decides.
    """
    best = nested(rows, families[:1])
    threshold = rows.scored(best).best_f1_threshold()
    alone = Chosen((0,), fit_blend(rows.label, families[:1]), best, threshold, None)
    if len(families) == 1:
        return alone
    blend = fit_blend(rows.label, families)
    members = tuple(np.flatnonzero(np.array(blend.weights) > 0).tolist())
    together = nested(rows, [families[m] for m in members])
    limit = rows.scored(together).best_f1_threshold()
    ours, theirs = (
        Measured(rows.scored(probability), at)
        for probability, at in ((together, limit), (best, threshold))
    )
    gain = intervals(ours, rows.units, [metric], less=theirs)[metric]
    if len(members) > 1 and gain.value > gain.error:
        weights = tuple(blend.weights[m] for m in members)
        return Chosen(members, Blend(weights, blend.intercept), together, limit, gain)
    return Chosen(alone.members, alone.blend, best, threshold, gain)


def nested(rows: Rows, families: Sequence[Array]) -> Array:
    """Probabilities of each fold's rows by a blend that was fitted on the other folds."""
    found = np.empty(len(rows.label))
    for fold in range(int(rows.fold.max()) + 1):
        inside = rows.fold == fold
        blend = fit_blend(rows.label[~inside], [family[~inside] for family in families])
        found[inside] = blend.probabilities([family[inside] for family in families])
    return found


def fit_blend(label: Array, families: Sequence[Array]) -> Blend:
    """Weights of 0 or more on the families' log-odds, and an intercept, by log loss.

    Args:
        label: 0.0 or 1.0, shape (n,).
        families: Probabilities of each family, shape (n,) each.

    Returns:
        One weight a family; those below `LEAST` are 0. The weight of one alone is `LEAST` or more.
    """
    odds = np.column_stack([log_odds(family) for family in families])
    kept = np.ones(len(families), dtype=bool)
    while True:
        weights, intercept = _fit(label, odds[:, kept])
        small = weights < LEAST
        if kept.sum() == 1 or not small.any():
            break
        # One at a time, and never all: what the others carried may fall to those who stay.
        kept[np.flatnonzero(kept)[int(np.argmin(weights))]] = False
    whole = np.zeros(len(families))
    whole[kept] = np.maximum(weights, LEAST)
    return Blend(tuple(whole.tolist()), intercept)


def _fit(label: Array, odds: Array) -> tuple[Array, float]:
    """Logistic regression on the columns of `odds`, weights held at 0 or more.

    Labels are drawn in from 0 and 1 as Platt (1999) does, by one row of each class: weights stay
    finite where the families tell the classes apart without a fault.
    """
    positive = label.sum()
    wanted = np.where(label == 1, (positive + 1) / (positive + 2), 1 / (len(label) - positive + 2))
    columns = np.column_stack([odds, np.ones(len(odds))])
    bounds = [(0.0, None)] * odds.shape[1] + [(None, None)]
    start = np.array([1.0 / odds.shape[1]] * odds.shape[1] + [0.0])

    def loss(parameters: Array) -> tuple[float, Array]:
        margin = columns @ parameters
        losses = np.logaddexp(0.0, margin) - wanted * margin
        gradient = columns.T @ (sigmoid(margin) - wanted) / len(label)
        return float(losses.mean()), gradient

    options = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return found.x[:-1], float(found.x[-1])
