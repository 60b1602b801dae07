"""The bootstrap over groups for many rows: all draws at once, on rows put together in bins.

A draw of a million rows costs a fifth of a second row by row (`bootstrap.py`). Here rows of almost
equal probability share a bin, so that a draw is a product of a sparse matrix (bins by groups) with
how often each group was taken. Only standard errors come from bins; figures come from the rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hitcast.models.bootstrap import DRAWS, LEVEL, Interval, Units
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array, Scored
from hitcast.portable.blend import log_odds, sigmoid

BINS = 1000
AT_ONCE = 50
"""Draws that are held in memory together."""
STEPS = 4
"""Of Newton's method, from the slope of all rows."""


@dataclass(frozen=True)
class Binned:
    """Scored rows of groups, in bins.

    Attributes:
        scored: Labels and probabilities.
        units: The group of each row.
    """

    scored: Scored
    units: Units

    def of(self, metric: str) -> Callable[[Array], Array]:
        """The measure called `metric`: from how often groups were taken to a figure a draw.

        It takes an array of groups by draws.

        Raises:
            KeyError: if there is none of this name.
        """
        return {
            "average_precision": self.average_precision,
            "areaUnderROC": self.area_under_roc,
            "calibration_slope": self.calibration_slope,
        }[metric]

    def average_precision(self, taken: Array) -> Array:
        """Precision, averaged over the steps of recall, of each draw."""
        hits, rows = np.cumsum(self._hits @ taken, axis=0), np.cumsum(self._rows @ taken, axis=0)
        steps = np.diff(hits, axis=0, prepend=0.0)
        precision = np.divide(hits, rows, out=np.zeros_like(hits), where=rows > 0)
        return _ratio((steps * precision).sum(axis=0), hits[-1])

    def area_under_roc(self, taken: Array) -> Array:
        """The share of pairs of a positive and a negative row that are in order, of each draw."""
        found = self._hits @ taken
        hits, missed = np.cumsum(found, axis=0), self._rows @ taken - found
        area = (missed * (hits - found / 2)).sum(axis=0)
        return _ratio(area, hits[-1] * missed.sum(axis=0))

    def calibration_slope(self, taken: Array) -> Array:
        """Slope of a logistic regression on the bins' mean log-odds, of each draw."""
        hits, rows = self._hits @ taken, self._rows @ taken
        slope, intercept = (np.full(taken.shape[1], value) for value in self._line)
        margin = self._margin
        for _ in range(STEPS):
            expected = sigmoid(np.outer(margin, slope) + intercept)
            missed, curved = hits - rows * expected, rows * expected * (1 - expected)
            first, second = margin @ missed, missed.sum(axis=0)
            a, b, c = margin**2 @ curved, margin @ curved, curved.sum(axis=0)
            slope = slope + _ratio(c * first - b * second, a * c - b * b)
            intercept = intercept + _ratio(a * second - b * first, a * c - b * b)
        return slope

    @cached_property
    def _bins(self) -> Any:
        """The bin of each row, from the most probable on; equal probabilities are never parted."""
        order = np.argsort(-self.scored.probability, kind="stable")
        label, probability = self.scored.label[order], self.scored.probability[order]
        last = np.append(probability[1:] != probability[:-1], True)
        level = np.concatenate(([0], np.cumsum(last)[:-1]))
        # Half of the bins by rows, half by positive ones, which are dense where it matters.
        mass = np.arange(1, len(label) + 1) / len(label) + np.cumsum(label) / max(label.sum(), 1)
        by_level = np.floor(mass[last] * BINS / 2 - 1e-9)
        few = len(by_level) <= BINS
        _, bins = (None, level) if few else np.unique(by_level[level], return_inverse=True)
        found = np.empty(len(label), dtype=np.int64)
        found[order] = bins
        return found

    @cached_property
    def _rows(self) -> Any:
        return self._matrix(np.ones(len(self.units)))

    @cached_property
    def _hits(self) -> Any:
        return self._matrix(self.scored.label)

    def _matrix(self, values: Array) -> Any:
        """Sums of `values` by bin and group."""
        from scipy.sparse import coo_array

        shape = (int(self._bins.max()) + 1, int(self.units.max()) + 1)
        return coo_array((values, (self._bins, self.units)), shape=shape).tocsr()

    @cached_property
    def _margin(self) -> Array:
        odds = np.bincount(self._bins, weights=log_odds(self.scored.probability))
        return np.asarray(odds / np.bincount(self._bins), dtype=float)

    @cached_property
    def _line(self) -> tuple[float, float]:
        return Measured(self.scored).line


def intervals(
    ours: Scored,
    units: Units,
    metrics: Sequence[str],
    *,
    less: Scored | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Each of `metrics` with its standard error over groups, as `bootstrap` has it.

    Args:
        ours: The rows.
        units: Their groups.
        metrics: Names that `Binned.of` knows.
        less: The same rows by another model, whose figures are taken off; the draws are shared.
        draws: How many draws.
        seed: Same seed, same draws; the same ones as `draw_weights` has.
        level: Of the intervals.
    """
    models = [model for model in (ours, less) if model is not None]
    binned = [Binned(model, units) for model in models]
    whole = np.ones(len(units))
    drawn: Mapping[str, list[Array]] = {metric: [] for metric in metrics}
    for taken in _taken(units, draws, seed):
        for metric, held in drawn.items():
            figures = [model.of(metric)(taken) for model in binned]
            held.append(figures[0] - sum(figures[1:]))
    values = {metric: [Measured(model).of(metric)(whole) for model in models] for metric in metrics}
    return {
        metric: Interval(values[metric][0] - sum(values[metric][1:]), _error(held), level)
        for metric, held in drawn.items()
    }


def _taken(units: Units, draws: int, seed: int) -> Iterator[Array]:
    """How often each group was taken, (groups, draws), some draws at a time."""
    generator = np.random.default_rng(seed)
    groups = int(units.max()) + 1
    for begin in range(0, draws, AT_ONCE):
        some = range(begin, min(draws, begin + AT_ONCE))
        counts = [
            np.bincount(generator.integers(0, groups, groups), minlength=groups) for _ in some
        ]
        yield np.column_stack(counts).astype(float)


def _error(parts: Sequence[Array]) -> float:
    held = np.concatenate(parts)
    held = held[np.isfinite(held)]
    return float(np.std(held, ddof=1)) if len(held) > 1 else float("nan")


def _ratio(part: Array, whole: Array) -> Array:
    """A part of the whole, NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
