"""Metrics, from labels and probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitcast.errors import HitcastError

Array = NDArray[np.float64]

OF_OLD, NOW = "areaUnderPR", "average_precision"
"""Runs from before both were logged call the average precision areaUnderPR."""


@dataclass(frozen=True)
class Scored:
    """Labels and probabilities of the same rows.

    Attributes:
        label: The number of each row's class, shape (n,).
        probability: Of the positive one of two classes, shape (n,); of each of more, (n, classes).
        weights: How many rows each stands for, shape (n,); None: one.
    """

    label: Array
    probability: Array
    weights: Array | None = None

    @property
    def classes(self) -> int:
        """How many classes rows are told apart by."""
        return 2 if self.probability.ndim == 1 else self.probability.shape[1]

    def against_rest(self, number: int) -> "Scored":
        """One class against all others, as two classes of which it is the positive one."""
        label = (self.label == number).astype(float)
        if self.classes > 2:
            return Scored(label, self.probability[:, number], self.weights)
        probability = self.probability if number == 1 else 1.0 - self.probability
        return Scored(label, probability, self.weights)

    def where(self, chosen: NDArray[Any]) -> "Scored":
        """The chosen rows, by a mask or by their places."""
        weights = None if self.weights is None else self.weights[chosen]
        return Scored(self.label[chosen], self.probability[chosen], weights)

    def predicted(self, threshold: float | None) -> Array:
        """The number of the class that each row is predicted.

        Args:
            threshold: Of two classes: rows with a probability at or above it are positive. Of more
                there is none: the most likely one is predicted.
        """
        if self.classes > 2 or threshold is None:
            return np.asarray(self.probability.argmax(axis=1), float)
        return (self.probability >= threshold).astype(float)

    def cells(self, threshold: float | None) -> NDArray[np.int64]:
        """The cell of each row among class by predicted class."""
        return (self.label * self.classes + self.predicted(threshold)).astype(np.int64)

    def confusion(self, threshold: float | None) -> Array:
        """Weight of the rows by class (row) and predicted class (column), shape (K, K)."""
        counts = np.bincount(self.cells(threshold), self.weights, minlength=self.classes**2)
        return counts.astype(float).reshape(self.classes, -1)

    def metrics(self, threshold: float | None) -> dict[str, float]:
        """All metrics of a classifier, by the names that MLlib, scikit-learn and MLflow use.

        Args:
            threshold: Of two classes: rows with a probability at or above it are positive; of more,
                None.

        Returns:
            `areaUnderROC`, `average_precision` (precision over the steps of recall),
            `areaUnderPR` (straight lines between the points, as MLlib has it: it flatters),
            `accuracy`, `precision`, `recall` and `f1` of the positive class, `log_loss` and
            `brier`. Of more classes than two, the first three are means over each class against
            the rest, precision, recall and F1 are `macro_` and `weighted_`, and there is
            `matthews`.

        Raises:
            HitcastError: if the rows lack a class, without which most are undefined.
        """
        from sklearn import metrics

        y, p, w = self.label, self.probability, self.weights
        if len(np.unique(y)) < self.classes:
            wanted = "both" if self.classes == 2 else f"all {self.classes}"
            raise HitcastError(
                f"expected rows of {wanted} classes to evaluate on, got {len(y)} rows of "
                f"{len(np.unique(y))}; ingest more rows or ask for fewer folds"
            )
        parts = [self] if p.ndim == 1 else [self.against_rest(k) for k in range(self.classes)]
        values: dict[str, Any] = {
            "areaUnderROC": np.mean([_roc(part) for part in parts]),
            "average_precision": np.mean([_average_precision(part) for part in parts]),
            "areaUnderPR": np.mean([_area_under_pr(part) for part in parts]),
            **_called(of_confusion(self.confusion(threshold)), self.classes),
            "log_loss": metrics.log_loss(y, p, sample_weight=w),
            "brier": np.average(
                np.sum([(q.probability - q.label) ** 2 for q in parts], 0), weights=w
            ),
        }
        return {name: float(value) for name, value in values.items()}


def of_confusion(counts: Array) -> dict[str, float]:
    """Accuracy, precision, recall, F1 and Matthews' correlation.

    Args:
        counts: Weight of the rows by class (row) and predicted class (column), shape (K, K).

    Returns:
        Of two classes `precision`, `recall`, `f1` of the positive one; of more, their means over
        the classes (`macro_`) and over the rows (`weighted_`). 0 stands for what is undefined.
    """
    hits, rows, called = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    total = max(float(counts.sum()), np.finfo(float).tiny)
    by_class = {
        "precision": _over(hits, called),
        "recall": _over(hits, rows),
        "f1": _over(2 * hits, rows + called),
    }
    if len(counts) == 2:
        found = {name: values[1] for name, values in by_class.items()}
    else:
        found = {f"macro_{name}": values.mean() for name, values in by_class.items()}
        found |= {f"weighted_{n}": values @ rows / total for n, values in by_class.items()}
    spread = (total**2 - called @ called) * (total**2 - rows @ rows)
    matthews = (hits.sum() * total - called @ rows) / np.sqrt(spread) if spread > 0 else 0.0
    found = {"accuracy": hits.sum() / total, **found, "matthews": matthews}
    return {name: float(value) for name, value in found.items()}


def _over(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _called(found: dict[str, float], classes: int) -> dict[str, float]:
    """What is told of predicted classes: a correlation where there is no positive one."""
    return found if classes > 2 else {n: v for n, v in found.items() if n != "matthews"}


def _roc(scored: Scored) -> float:
    from sklearn import metrics

    return float(
        metrics.roc_auc_score(scored.label, scored.probability, sample_weight=scored.weights)
    )


def _average_precision(scored: Scored) -> float:
    from sklearn import metrics

    return float(
        metrics.average_precision_score(
            scored.label, scored.probability, sample_weight=scored.weights
        )
    )


def _area_under_pr(scored: Scored) -> float:
    from sklearn import metrics

    precision, recall, _ = metrics.precision_recall_curve(
        scored.label, scored.probability, sample_weight=scored.weights
    )
    # MLlib begins at recall 0 with the first point's precision, scikit-learn with 1.
    precision[-1] = precision[-2]
    return float(metrics.auc(recall, precision))


def as_named_now(metrics: Mapping[str, float]) -> dict[str, float]:
    """A run's metrics by the names of now; runs of old have another for the average precision."""
    if any(NOW in name for name in metrics):
        return dict(metrics)
    return {name.replace(OF_OLD, NOW): value for name, value in metrics.items()}
