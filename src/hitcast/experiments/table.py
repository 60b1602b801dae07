"""What units did, as arrays on the driver: one row a unit, arm, period and look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hitcast.experiments.differences import Ratio, Rows, ratio
from hitcast.experiments.metrics import COUNTS, SUMS, Metric
from hitcast.models.bootstrap import units_of
from hitcast.models.metrics import Array

if TYPE_CHECKING:
    import pandas as pd

ANSWERS = ""
"""In the place of a shadow's alias: rows are answers."""


@dataclass(frozen=True)
class UnitTable:
    """What units did.

    Attributes:
        unit: The unit's number, from 0 on, shape (n,).
        arm: The arm's alias, shape (n,).
        versus: Nothing for answers; else the shadow whose scores, or what they are compared with,
            the row adds up, shape (n,).
        period: The number of the period in `periods`, shape (n,).
        look: The number of the look from which on the row counts, shape (n,).
        sums: What the row adds up, by column of `metrics.COUNTS` and `SUMS`, (n,) each.
        periods: The periods, oldest first.
    """

    unit: NDArray[np.int64]
    arm: NDArray[np.str_]
    versus: NDArray[np.str_]
    period: NDArray[np.int64]
    look: NDArray[np.int64]
    sums: dict[str, Array]
    periods: Sequence[str]

    @classmethod
    def of(cls, frame: "pd.DataFrame") -> "UnitTable":
        """From a frame with the columns of `metrics.KEYS`, `COUNTS` and `SUMS`."""
        periods, period = np.unique(frame["period"].fillna("").to_numpy(str), return_inverse=True)
        return cls(
            units_of(frame["unit"].to_numpy()),
            frame["arm"].to_numpy(str),
            frame["versus"].fillna(ANSWERS).to_numpy(str),
            period,
            frame["look"].to_numpy(np.int64),
            {name: frame[name].to_numpy(float) for name in (*COUNTS, *SUMS)},
            [str(name) for name in periods],
        )

    def where(self, chosen: NDArray[np.bool_]) -> "UnitTable":
        """Some of the rows."""
        return UnitTable(
            self.unit[chosen],
            self.arm[chosen],
            self.versus[chosen],
            self.period[chosen],
            self.look[chosen],
            {name: values[chosen] for name, values in self.sums.items()},
            self.periods,
        )

    def of_arm(self, alias: str, versus: str = ANSWERS) -> "UnitTable":
        """The rows of one arm."""
        return self.where((self.arm == alias) & (self.versus == versus))

    def until(self, look: int) -> "UnitTable":
        """What was done up to a look."""
        return self.where(self.look <= look)

    def total(self, name: str) -> float:
        """The sum of a column."""
        return float(self.sums[name].sum())

    def units_with(self, values: Array) -> int:
        """How many units have more than 0 of something, of which each row adds some."""
        return len(np.unique(self.unit[values > 0]))

    def ratio(self, metric: Metric) -> Ratio:
        """A metric of all rows, by unit."""
        return ratio(self.unit, self.sums[metric.total], self.sums[metric.count])

    def rows(self, metric: Metric, treatment: str, control: str, versus: str = ANSWERS) -> Rows:
        """What is compared: one row a unit, period and arm, all looks together."""
        chosen = (self.versus == versus) & np.isin(self.arm, (treatment, control))
        period, treated = self.period[chosen], self.arm[chosen] == treatment
        cell = (self.unit[chosen] * len(self.periods) + period) * 2 + treated
        cells, first, at = np.unique(cell, return_index=True, return_inverse=True)
        total, count = (
            np.bincount(at, self.sums[name][chosen], minlength=len(cells)).astype(float)
            for name in (metric.total, metric.count)
        )
        return Rows(self.unit[chosen][first], period[first], treated[first], total, count)

    def first_seen(self, among: Sequence[str]) -> dict[str, dict[str, int]]:
        """Units by period and arm, each in the first of some periods that it was answered in."""
        of_answers = self.versus == ANSWERS
        known = np.array([period in set(among) for period in self.periods], bool)
        part = self.where(of_answers & known[self.period])
        order = np.lexsort((part.look, part.period))
        _, first = np.unique(part.unit[order], return_index=True)
        chosen = order[first]
        found: dict[str, dict[str, int]] = {period: {} for period in among}
        pairs, counts = np.unique(
            np.stack([part.period[chosen].astype(str), part.arm[chosen]]), axis=1,
            return_counts=True,
        )  # fmt: skip
        for (period, arm), count in zip(pairs.T, counts, strict=True):
            found[self.periods[int(period)]][str(arm)] = int(count)
        return found
