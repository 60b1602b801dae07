"""How far one model leads others, with an interval: paired, over groups, over splits.

A draw takes or leaves whole groups, and weights the test rows of every split alike: an artist who
is taken twice is so in each split, for all who are compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hitcast.models.bootstrap import DRAWS, Interval, units_of
from hitcast.models.drawn import Drawn, weights_of
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array, Scored

LOWER_IS_BETTER = ("log_loss", "brier")


@dataclass(frozen=True)
class Judged:
    """The test rows of one split, and what each model says of them.

    Attributes:
        label: The number of each row's class, shape (n,).
        groups: Hash of the group that each row belongs to, shape (n,).
        probabilities: By model, shape (n,) each, or (n, classes) of more than two.
        weights: How many rows each stands for; None: one.
        thresholds: Of the models whose labels are not those at .5.
    """

    label: Array
    groups: NDArray[np.int64]
    probabilities: Mapping[str, Array]
    weights: Array | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def measured(self, who: str) -> Measured:
        """One model's rows, ready to be weighted."""
        scored = Scored(self.label, self.probabilities[who], self.weights)
        return Measured(scored, self.thresholds.get(who, 0.5) if scored.classes == 2 else None)


def lead(
    splits: Sequence[Judged],
    ours: str,
    theirs: str,
    metrics: Sequence[str],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, Interval]:
    """The mean over splits of how much better `ours` is; above 0: ours is, by any metric.

    Args:
        splits: One or more, of the same data.
        ours: A model of each of them.
        theirs: Another.
        metrics: Names that `Measured.of` knows.
        draws: Of the bootstrap.
        seed: Same seed, same draws.
    """
    units = units_of(np.concatenate([split.groups for split in splits]))
    parts = np.split(units, np.cumsum([len(split.label) for split in splits])[:-1])
    weights = weights_of(int(units.max()) + 1, draws, seed)
    pairs = [(split.measured(ours), split.measured(theirs)) for split in splits]
    drawn = [
        (Drawn(one, of_split, weights), Drawn(other, of_split, weights))
        for (one, other), of_split in zip(pairs, parts, strict=True)
    ]
    ahead = {
        metric: np.mean([one.of(metric) - other.of(metric) for one, other in drawn], axis=0)
        for metric in metrics
    }
    return {m: Interval.of(-f if m in LOWER_IS_BETTER else f) for m, f in ahead.items()}


def mean(splits: Sequence[Judged], who: str, metric: str) -> float:
    """One model's metric, as its mean over splits."""
    found = [s.measured(who).of(metric)(np.ones(len(s.label))) for s in splits]
    return float(np.mean(found))
