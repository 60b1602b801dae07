"""Permutation importance: what a model loses when one raw column is shuffled.

It asks the portable scorer, so it means the same for every family, encoding and reduction.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from hitcast.features.label import LABEL
from hitcast.models.metrics import Scored
from hitcast.portable.scorer import Scorer
from hitcast.portable.values import Values
from hitcast.training.data import to_columns

ROWS = 10_000
REPEATS = 2


def permutation_importance(
    scorer: Scorer, rows: pd.DataFrame, names: Sequence[str], *, metric: str, seed: int
) -> dict[str, float]:
    """Mean loss of `metric` when a column is shuffled, over two shuffles.

    Args:
        scorer: The model.
        rows: Test rows with raw inputs and `label`; 10,000 of them, drawn by `seed`, are used.
        names: The columns to shuffle.
        metric: Which metric.
        seed: Seed of sample and shuffles.

    Returns:
        Loss by column, largest first; about 0, or below, for a column that is not used.
    """
    generator = np.random.default_rng(seed)
    sample = rows.sample(n=min(ROWS, len(rows)), random_state=seed) if len(rows) > ROWS else rows
    label = sample[LABEL].to_numpy(float)
    columns = to_columns(sample, names)

    def score(values: Mapping[str, Values]) -> float:
        scored = Scored(label, scorer.probabilities(values))
        return scored.metrics(scorer.card.threshold)[metric]

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
