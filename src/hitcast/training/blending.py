"""Which families answer, and how their log-odds are weighted and calibrated.

Everything is decided on out-of-fold predictions; how good it is, on nested folds: what a fold is
measured by was fitted on the others. Test rows have no part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from hitcast.declaration.sections import Cost
from hitcast.models.bootstrap import Interval
from hitcast.models.drawn import intervals
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array
from hitcast.models.thresholds import choose_threshold
from hitcast.portable.blend import Blend, log_odds
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
        threshold: Chosen on those.
        gain: What blending gained over the best family; None where there was but one.
    """

    members: tuple[int, ...]
    blend: Blend
    probability: Array
    threshold: float | None
    gain: Interval | None


def choose(rows: Rows, families: Sequence[Array], metric: str, cost: Cost | None = None) -> Chosen:
    """Choose the best family, or a blend of all if that gains more than one standard error.

    The rule of one standard error (Breiman et al., 1984): on nested folds a gain is not flattered,
    so this is asked of it for the sake of the simpler model, not as a proof.

    Args:
        rows: Labels, folds and groups.
        families: Out-of-fold probabilities of each family, best first, in the rows' order.
        metric: What decides.
        cost: What mistakes cost, if anybody knows; the threshold follows from it.
    """
    best = nested(rows, families[:1])
    threshold = choose_threshold(rows.scored(best), cost)
    alone = Chosen((0,), fit_blend(rows.label, families[:1], rows.weights), best, threshold, None)
    if len(families) == 1:
        return alone
    blend = fit_blend(rows.label, families, rows.weights)
    members = tuple(np.flatnonzero(np.array(blend.weights) > 0).tolist())
    together = nested(rows, [families[m] for m in members])
    limit = choose_threshold(rows.scored(together), cost)
    ours, theirs = (
        Measured(rows.scored(probability), at)
        for probability, at in ((together, limit), (best, threshold))
    )
    gain = intervals(ours, rows.units, [metric], less=theirs)[metric]
    if len(members) > 1 and gain.value > gain.error:
        weights = tuple(blend.weights[m] for m in members)
        return Chosen(members, replace(blend, weights=weights), together, limit, gain)
    return Chosen(alone.members, alone.blend, best, threshold, gain)


def nested(rows: Rows, families: Sequence[Array]) -> Array:
    """Probabilities of each fold's rows by a blend that was fitted on the other folds."""
    found = np.empty_like(families[0])
    for fold in range(int(rows.fold.max()) + 1):
        inside = rows.fold == fold
        weights = None if rows.weights is None else rows.weights[~inside]
        blend = fit_blend(rows.label[~inside], [family[~inside] for family in families], weights)
        found[inside] = blend.probabilities([family[inside] for family in families])
    return found


def fit_blend(label: Array, families: Sequence[Array], row_weights: Array | None = None) -> Blend:
    """Weights of 0 or more on the families' log-odds, and intercepts, by log loss.

    Args:
        label: The number of each row's class, shape (n,).
        families: Probabilities of each family, shape (n,) each, or (n, classes).
        row_weights: How many rows each stands for; None: one.

    Returns:
        One weight a family; those below `LEAST` are 0. The weight of one alone is `LEAST` or more.
    """
    odds = np.stack([log_odds(family).reshape(len(label), -1) for family in families])
    each = np.ones(len(label)) if row_weights is None else row_weights
    kept = np.ones(len(families), dtype=bool)
    while True:
        weights, intercepts = _fit(label, odds[kept], each)
        small = weights < LEAST
        if kept.sum() == 1 or not small.any():
            break
        # One at a time, and never all: what the others carried may fall to those who stay.
        kept[np.flatnonzero(kept)[int(np.argmin(weights))]] = False
    whole = np.zeros(len(families))
    whole[kept] = np.maximum(weights, LEAST)
    if families[0].ndim == 1:
        return Blend(tuple(whole.tolist()), float(intercepts[0]))
    return Blend(tuple(whole.tolist()), intercepts=tuple(intercepts.tolist()))


def _fit(label: Array, odds: Array, each: Array) -> tuple[Array, Array]:
    """Multinomial logistic regression on log-odds against the first class, weights 0 or more.

    Args:
        label: The number of each row's class, shape (n,).
        odds: Of each family and each class but the first, shape (families, n, classes - 1).
        each: How many rows each row stands for.

    Labels are drawn in from 0 and 1 as Platt (1999) does, by one row of each class: weights stay
    finite where the families tell the classes apart without a fault.
    """
    families, _, others = odds.shape
    wanted, total = _drawn_in(label, each, others + 1), each.sum()
    bounds = [(0.0, None)] * families + [(None, None)] * others
    start = np.array([1.0 / families] * families + [0.0] * others)

    def loss(parameters: Array) -> tuple[float, Array]:
        margin = np.tensordot(parameters[:families], odds, 1) + parameters[families:]
        top = np.maximum(margin.max(axis=1, keepdims=True), 0.0)
        powers = np.exp(margin - top)
        whole = powers.sum(axis=1, keepdims=True) + np.exp(-top)
        losses = (top + np.log(whole)).ravel() - (wanted * margin).sum(axis=1)
        missed = (powers / whole - wanted) * each[:, None]
        gradient = [*(odds.reshape(families, -1) @ missed.ravel()), *missed.sum(axis=0)]
        return float(losses @ each / total), np.array(gradient) / total

    options = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return found.x[:families], found.x[families:]


def _drawn_in(label: Array, each: Array, classes: int) -> Array:
    """What the probability of each class but the first shall be, shape (n, classes - 1)."""
    numbers = label.astype(np.int64)
    sizes = np.bincount(numbers, each, minlength=classes)
    # A row of class k is taken for one of each other class by this.
    least = 1.0 / (sizes + classes)
    wanted = np.repeat(least[numbers][:, None], classes, axis=1)
    wanted[np.arange(len(label)), numbers] = ((sizes + 1) / (sizes + classes))[numbers]
    return wanted[:, 1:]
