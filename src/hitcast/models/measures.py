"""Metrics of weighted rows: what a bootstrap asks for thousands of times.

Rows are put in order once; after that a draw costs a few sums. Each is held against scikit-learn's
or MLlib's own in the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from hitcast.declaration.sections import OF_MORE, OF_TWO
from hitcast.models.calibration import platt
from hitcast.models.metrics import Array, Scored, of_confusion
from hitcast.portable.blend import log_odds

TOP = 0.05
"""The rows whose probabilities matter most: those that would be acted on."""
OF_CONFUSION = frozenset({"accuracy", "matthews"} | OF_TWO | OF_MORE)
"""The metrics that ask for the predicted class alone."""
Measure = Callable[[Array], float]
"""From weights of the rows, shape (n,), 0 or more each, to one figure; NaN where it has none."""


@dataclass(frozen=True)
class Measured:
    """Labels and probabilities of rows, ready to be measured under many weights.

    Attributes:
        scored: The rows; their own weights are multiplied by those that a measure is asked with.
        threshold: Of two classes: rows with a probability at or above it are predicted positive; of
            more, it is of no account.
    """

    scored: Scored
    threshold: float | None = 0.5

    def of(self, metric: str) -> Measure:
        """The measure called `metric`; of more classes than two, see `Scored.metrics`.

        Raises:
            KeyError: if there is none of this name.
        """
        measure, own = self._of(metric), self.scored.weights
        return measure if own is None else lambda weights: measure(weights * own)

    def _of(self, metric: str) -> Measure:
        if metric in OF_CONFUSION:
            return partial(self._of_confusion, metric)
        if self.parts and metric != "log_loss":
            return _combined([part._of(metric) for part in self.parts], metric)
        found: dict[str, Measure] = {
            "average_precision": self.average_precision,
            "areaUnderPR": self.area_under_pr,
            "areaUnderROC": self.area_under_roc,
            "log_loss": self.log_loss,
            "brier": self.brier,
            "calibration_slope": self.calibration_slope,
            "top_gap": self.top_gap,
        }
        return found[metric]

    def average_precision(self, weights: Array) -> float:
        """Precision, averaged over the steps of recall."""
        hits, rows = self._cumulated(weights)
        return float(np.sum(np.diff(hits, prepend=0.0) * _share(hits, rows)) / _some(hits[-1]))

    def area_under_pr(self, weights: Array) -> float:
        """The area under straight lines between the points, as MLlib has it with `numBins=0`."""
        hits, rows = self._cumulated(weights)
        # A draw that leaves the most probable rows out begins with what it has.
        hits, rows = hits[rows > 0], rows[rows > 0]
        precision = _share(hits, rows)
        # MLlib begins at recall 0 with the first point's precision; a row of no weight is none.
        earlier = np.where(rows[:-1] > 0, precision[:-1], precision[1:])
        before = np.concatenate((precision[:1], earlier))
        steps = np.diff(hits, prepend=0.0)
        return float(np.sum(steps * (precision + before)) / 2 / _some(hits[-1:].sum()))

    def area_under_roc(self, weights: Array) -> float:
        """The share of pairs of a positive and a negative row that are in order."""
        hits, rows = self._cumulated(weights)
        misses = rows - hits
        before = np.concatenate(([0.0], hits[:-1]))
        area = np.sum(np.diff(misses, prepend=0.0) * (hits + before)) / 2
        return float(area / _some(hits[-1] * misses[-1]))

    def log_loss(self, weights: Array) -> float:
        """Minus the mean log of the probability of what happened."""
        return _mean(self._losses, weights)

    def brier(self, weights: Array) -> float:
        """Mean square of probability less label."""
        return _mean((self.scored.probability - self.scored.label) ** 2, weights)

    def _of_confusion(self, metric: str, weights: Array) -> float:
        """What follows from how many rows of each class are called which."""
        cells = np.bincount(self._cells, weights, minlength=self.scored.classes**2)
        counts = cells.astype(float).reshape(self.scored.classes, -1)
        # A draw without any row of a class can't tell what was found of it.
        told = counts.any() if metric == "accuracy" else counts.any(axis=1).all()
        return of_confusion(counts)[metric] if told else float("nan")

    def calibration_slope(self, weights: Array) -> float:
        """Slope of a logistic regression on the log-odds: 1 where they are as sure as they may be.

        Below 1: too sure; above 1: not sure enough (Cox, 1958).
        """
        start = self.line if np.isfinite(self.line).all() else None
        slope, _ = platt(self.scored.label, self._log_odds, weights, start)
        return slope

    def top_gap(self, weights: Array) -> float:
        """Mean probability less share of positives among the 5 % of rows with the highest one."""
        top = weights * self._top
        return _mean(self.scored.probability - self.scored.label, top)

    def _cumulated(self, weights: Array) -> tuple[Array, Array]:
        """Weight of the positive, and of all, rows down to each distinct probability."""
        ordered = weights[self._order]
        hits = np.cumsum(ordered * self._ordered_labels)
        return hits[self._ends], np.cumsum(ordered)[self._ends]

    @cached_property
    def parts(self) -> tuple["Measured", ...]:
        """Each class against the rest, where there are more than two."""
        if self.scored.classes == 2:
            return ()
        numbers = range(self.scored.classes)
        return tuple(Measured(self.scored.against_rest(k), self.threshold) for k in numbers)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(-self.scored.probability, kind="stable")

    @cached_property
    def _ordered_labels(self) -> Array:
        return self.scored.label[self._order]

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        ordered = self.scored.probability[self._order]
        return np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))

    @cached_property
    def _cells(self) -> NDArray[np.int64]:
        return self.scored.cells(self.threshold)

    @cached_property
    def _losses(self) -> Array:
        # As scikit-learn does, the smallest step of a double keeps certainty finite.
        sure = np.finfo(float).eps
        held = np.clip(self.scored.probability, sure, 1 - sure)
        if self.parts:
            return -np.log(held[np.arange(len(held)), self.scored.label.astype(np.int64)])
        return -np.log(np.where(self.scored.label == 1, held, 1 - held))

    @cached_property
    def _top(self) -> Array:
        found = np.zeros(len(self._order))
        found[self._order[: max(1, round(TOP * len(found)))]] = 1.0
        return found

    @cached_property
    def line(self) -> tuple[float, float]:
        """Slope and intercept of all rows, from where those of a draw are near."""
        return platt(self.scored.label, self._log_odds, self.scored.weights)

    @cached_property
    def _log_odds(self) -> Array:
        return log_odds(self.scored.probability)


def _combined(measures: list[Measure], metric: str) -> Measure:
    """The mean over the classes; their sum where the metric is one of squares."""
    scale = 1.0 if metric == "brier" else 1.0 / len(measures)
    return lambda weights: scale * sum(measure(weights) for measure in measures)


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _mean(values: Array, weights: Array) -> float:
    return float(values @ weights / _some(weights.sum()))


def _some(total: float) -> float:
    """The total, or NaN where nothing is left to divide by."""
    return total if total > 0 else float("nan")
