"""How far one model leads others, with an interval: paired, over groups, over splits.

A draw takes or leaves whole groups, and weights the test rows of every split alike: an artist who
is taken twice is so in each split, for all who are compared.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitcast.models.bootstrap import DRAWS, Interval, bootstrap, units_of
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array, Scored

LOWER_IS_BETTER = ("log_loss", "brier")


@dataclass(frozen=True)
class Judged:
    """The test rows of one split, and what each model says of them.

    Attributes:
        label: 0.0 or 1.0, shape (n,).
        groups: Hash of the group that each row belongs to, shape (n,).
        probabilities: By model, shape (n,) each.
    """

    label: Array
    groups: NDArray[np.int64]
    probabilities: Mapping[str, Array]

    def measured(self, who: str) -> Measured:
        """One model's rows, ready to be weighted."""
        return Measured(Scored(self.label, self.probabilities[who]))


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
    cuts = np.cumsum([len(split.label) for split in splits])[:-1]
    pairs = [(split.measured(ours), split.measured(theirs)) for split in splits]

    def mean_lead(metric: str) -> Callable[[Array], float]:
        both = [(one.of(metric), other.of(metric)) for one, other in pairs]
        sign = -1.0 if metric in LOWER_IS_BETTER else 1.0

        def measure(weights: Array) -> float:
            parts = zip(both, np.split(weights, cuts), strict=True)
            return sign * float(np.mean([one(held) - other(held) for (one, other), held in parts]))

        return measure

    return bootstrap({name: mean_lead(name) for name in metrics}, units, draws=draws, seed=seed)


def mean(splits: Sequence[Judged], who: str, metric: str) -> float:
    """One model's metric, as its mean over splits."""
    found = [s.measured(who).of(metric)(np.ones(len(s.label))) for s in splits]
    return float(np.mean(found))
