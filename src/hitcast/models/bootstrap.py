"""How sure a figure is: the bootstrap over groups, by weights.

Rows of a group (an artist) are not independent, so a draw takes or leaves whole groups. All
figures that are compared share the draws, and with them the rows: a difference is paired.
"""

from collections.abc import Iterator, Sequence
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

    @classmethod
    def of(cls, figures: Array, level: float = LEVEL) -> "Interval":
        """That of a figure of the rows themselves, and after it those of the draws."""
        return cls(float(figures[0]), standard_error(figures[1:]), level)

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


def standard_error(drawn: Sequence[float] | Array) -> float:
    """Standard deviation of the draws; those without a figure, such as without positives, aside."""
    held = np.array(drawn)
    held = held[np.isfinite(held)]
    return float(np.std(held, ddof=1)) if len(held) > 1 else float("nan")
