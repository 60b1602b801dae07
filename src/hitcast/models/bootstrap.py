"""How sure a figure is: the bootstrap over groups, by weights.

Rows of a group (an artist) are not independent, so a draw takes or leaves whole groups. All
figures that are compared share the draws, and with them the rows: a difference is paired.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from hitcast.models.metrics import Array

DRAWS = 400
"""Of a standard error that is itself known to 4 %."""
LEVEL = 0.95

Units = NDArray[np.int64]
"""Which group each row belongs to, shape (n,): whole numbers from 0 on."""


@dataclass(frozen=True)
class Interval:
    """A figure with its uncertainty.

    Attributes:
        value: As measured on the rows themselves.
        error: Its standard error over the draws; NaN where it can't be told.
        level: How sure `low` and `high` are, both sides together.
    """

    value: float
    error: float
    level: float = LEVEL

    @property
    def low(self) -> float:
        """The lower end."""
        return self.value - self._reach

    @property
    def high(self) -> float:
        """The upper end."""
        return self.value + self._reach

    @property
    def _reach(self) -> float:
        return NormalDist().inv_cdf((1 + self.level) / 2) * self.error

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


def units_of(groups: Sequence[object] | NDArray[np.generic]) -> Units:
    """Number the groups of rows; nulls have to be filled by what stands alone before."""
    import pandas as pd

    codes, _ = pd.factorize(np.asarray(groups))
    return np.asarray(codes, dtype=np.int64)


def draw_groups(groups: int, draws: int = DRAWS, seed: int = 0) -> Iterator[Array]:
    """How often each of so many groups is taken in each draw, shape (groups,)."""
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.bincount(generator.integers(0, groups, groups), minlength=groups).astype(float)


def draw_weights(units: Units, draws: int = DRAWS, seed: int = 0) -> Iterator[Array]:
    """Weights of the rows in each draw: how often the row's group was taken, shape (n,)."""
    groups = int(units.max()) + 1 if len(units) else 0
    for taken in draw_groups(groups, draws, seed):
        yield taken[units]


def bootstrap(
    measures: Mapping[str, Callable[[Array], float]],
    units: Units,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Measure each of `measures` on the rows, and its standard error over groups.

    Args:
        measures: From weights of the rows to a figure, by name; a difference of two is one too.
        units: The group of each row.
        draws: How many draws.
        seed: Same seed, same draws.
        level: Of the intervals.
    """
    whole = np.ones(len(units))
    found = {name: [] for name in measures}  # type: dict[str, list[float]]
    for weights in draw_weights(units, draws, seed):
        for name, measure in measures.items():
            found[name].append(measure(weights))
    return {
        name: Interval(float(measure(whole)), standard_error(found[name]), level)
        for name, measure in measures.items()
    }


def difference(
    ours: Callable[[Array], float], theirs: Callable[[Array], float]
) -> Callable[[Array], float]:
    """What `ours` measures more than `theirs` on the same rows."""
    return lambda weights: ours(weights) - theirs(weights)


def standard_error(drawn: Sequence[float] | Array) -> float:
    """Standard deviation of the draws; those without a figure, such as without positives, aside."""
    held = np.array(drawn)
    held = held[np.isfinite(held)]
    return float(np.std(held, ddof=1)) if len(held) > 1 else float("nan")
