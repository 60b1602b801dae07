"""The difference of two arms, by unit and within periods of constant weights.

In an arm and a period a metric is a ratio of sums over units, R = T / C. The difference is the mean
over the periods of R of the treatment less R of the control: where traffic or weights change while
the world does, a comparison of the whole would take the world's change for the arms' (Simpson's
paradox). A period counts by n_t n_c / (n_t + n_c) of its units in the arms, which is what is known
of a difference where a unit tells as much in each arm: a canary's weeks at 1 % add what they know,
and do not blur the weeks at 50 % that follow.

A unit's predictions are not independent, and a unit may be there in several periods, also in
another arm after weights have changed. So what counts is a unit's influence, the sum over its rows
of ± w (t - R c) / C: the linearised ratio, as in Deng, Knoblich and Lu, "Applying the delta method
in metric analytics" (KDD 2018). The standard error is the root of the sum of its squares. For a
shadow each unit has a row in both arms, of the same predictions: the same formula compares pairs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitcast.models.metrics import Array

FEWEST_OF_A_PERIOD = 20
"""Units of each arm that a period needs: a ratio of fewer is biased, and of no weight."""


@dataclass(frozen=True)
class Rows:
    """What units added to a metric's two sums: one row a unit, arm and period.

    Attributes:
        unit: The unit's number, from 0 on, shape (n,).
        period: The period's number, from 0 on, shape (n,).
        treated: Whether the arm is the treatment; else it is the control, shape (n,).
        total: What the row adds to the sum, shape (n,).
        count: What it adds to what the sum is divided by, shape (n,); rows with 0 tell nothing.
    """

    unit: NDArray[np.int64]
    period: NDArray[np.int64]
    treated: NDArray[np.bool_]
    total: Array
    count: Array


@dataclass(frozen=True)
class Difference:
    """A difference of two arms.

    Attributes:
        value: Treatment less control; NaN where nothing can be compared.
        error: Its standard error.
        units: Different units in it.
        carried: How many units the variance is carried by, in the arm with fewer: (Σφ²)² / Σφ⁴ of
            the influences φ. Of a rare outcome that is about the number of units that had it.
        periods_left_out: Periods with too few units in an arm.
    """

    value: float
    error: float
    units: int
    carried: float
    periods_left_out: int = 0


def difference(rows: Rows, fewest: int = FEWEST_OF_A_PERIOD) -> Difference:
    """Treatment less control.

    Args:
        rows: Those of both arms.
        fewest: Periods with fewer units in an arm are left out.
    """
    cell = 2 * rows.period + rows.treated
    told = rows.count > 0
    cells = 2 * (int(rows.period.max(initial=-1)) + 1)
    units = np.bincount(cell[told], minlength=cells).reshape(-1, 2)
    used = units.min(axis=1, initial=1 << 62) >= max(fewest, 2)
    left_out = int((units.any(axis=1) & ~used).sum())
    if not used.any():
        return Difference(float("nan"), float("nan"), 0, 0.0, left_out)
    kept = told & used[rows.period]
    cell, unit, total, count = cell[kept], rows.unit[kept], rows.total[kept], rows.count[kept]
    known = np.where(used, units.prod(axis=1) / np.maximum(units.sum(axis=1), 1), 0.0)
    weight = known / known.sum()
    totals, counts = (np.bincount(cell, of, minlength=cells) for of in (total, count))
    ratio = np.divide(totals, counts, out=np.zeros(cells), where=counts > 0)
    value = float(weight @ (ratio[1::2] - ratio[0::2]))
    # What each cell's own ratio takes of its spread is given back, as in a variance.
    n = units.ravel()[cell]
    sign = np.where(rows.treated[kept], 1.0, -1.0)
    scale = sign * np.sqrt(n / (n - 1)) * np.repeat(weight, 2)[cell] / counts[cell]
    influence = scale * (total - ratio[cell] * count)
    by_unit = np.bincount(unit, influence)
    carried = min(_carried(unit[side], influence[side]) for side in (sign > 0, sign < 0))
    different = int(np.count_nonzero(np.bincount(unit)))
    return Difference(value, float(np.sqrt(by_unit @ by_unit)), different, carried, left_out)


def _carried(unit: NDArray[np.int64], influence: Array) -> float:
    squares = np.bincount(unit, influence) ** 2
    return float(squares.sum() ** 2 / max(float(squares @ squares), np.finfo(float).tiny))


@dataclass(frozen=True)
class Ratio:
    """A metric of one arm, over all its periods, with its standard error by unit."""

    value: float
    error: float


def ratio(unit: NDArray[np.int64], total: Array, count: Array) -> Ratio:
    """The metric of one arm.

    Args:
        unit: The unit's number of each row, from 0 on, shape (n,).
        total: What each adds up, shape (n,).
        count: What that is divided by, shape (n,).
    """
    whole = float(count.sum())
    if whole <= 0:
        return Ratio(float("nan"), float("nan"))
    value = float(total.sum()) / whole
    influence = np.bincount(unit, (total - value * count) / whole)
    n = int(np.count_nonzero(np.bincount(unit[count > 0])))
    error = np.sqrt(influence @ influence * n / (n - 1)) if n > 1 else float("nan")
    return Ratio(value, float(error))
