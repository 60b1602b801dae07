"""Permutation importance: what a model loses when one raw column is shuffled.

It asks the portable scorer, so it means the same for every family, encoding and reduction.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hitcast.features.label import LABEL
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array, Scored
from hitcast.models.standing import standing_for
from hitcast.portable.scorer import Scorer
from hitcast.portable.values import Values
from hitcast.training.data import to_columns

ROWS = 10_000
LEAST = 500
"""Of each class that are in the sample, or all that there are, however rare it is."""
REPEATS = 2


def permutation_importance(
    scorer: Scorer,
    rows: pd.DataFrame,
    names: Sequence[str],
    *,
    metric: str,
    seed: int,
    prior: float | None = None,
) -> dict[str, float]:
    """Mean loss of `metric` when a column is shuffled, over two shuffles.

    Args:
        scorer: The model.
        rows: Test rows with raw inputs and `label`; about 10,000 of them are used, of each class
            its share but 500 at least, weighted so that the metric is that of all.
        names: The columns to shuffle.
        metric: Which metric.
        seed: Seed of sample and shuffles.
        prior: Share of positive rows where the model is used; None: as in the rows.

    Returns:
        Loss by column, largest first; about 0, or below, for a column that is not used.
    """
    generator = np.random.default_rng(seed)
    places, weights = stratified(rows[LABEL].to_numpy(float), ROWS, LEAST, generator)
    sample = rows.iloc[places]
    label = sample[LABEL].to_numpy(float)
    if prior is not None:
        weights = standing_for(label, (1.0 - prior, prior))
    columns = to_columns(sample, names)

    def score(values: Mapping[str, Values]) -> float:
        scored = Scored(label, scorer.probabilities(values))
        return Measured(scored, scorer.card.threshold).of(metric)(weights)

    base = score(columns)
    losses: dict[str, float] = {}
    for name in names:
        shuffled = []
        for _ in range(REPEATS):
            order = generator.permutation(len(sample))
            moved = to_columns(sample.iloc[order], [name])
            shuffled.append(score({**columns, **moved}))
        losses[name] = base - float(np.mean(shuffled))
    return dict(sorted(losses.items(), key=lambda item: -item[1]))


def stratified(
    label: Array, size: int, least: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], Array]:
    """Draw rows of each class: its share of `size`, but `least` of it or all that it has.

    Returns:
        Their places, ascending, and their weights: how many rows of its class each stands for.
    """
    chosen = np.zeros(len(label))
    for value in np.unique(label):
        held = np.flatnonzero(label == value)
        taken = min(len(held), max(round(size * len(held) / len(label)), least))
        chosen[generator.permutation(held)[:taken]] = len(held) / taken
    places = np.flatnonzero(chosen)
    return places, chosen[places]
