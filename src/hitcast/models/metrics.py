"""Metrics and the decision threshold, from labels and probabilities."""

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
    """Labels (0.0 or 1.0) and probabilities of the same rows, shape (n,) each."""

    label: Array
    probability: Array

    def best_f1_threshold(self) -> float:
        """The threshold with the best F1 on these rows.

        It lies midway between two probabilities that occur, so that no row stands on it and
        the last bits of a probability never decide a label.
        """
        # scikit-learn takes seconds to import, which an alias set by hand need not wait for.
        from sklearn import metrics

        precision, recall, thresholds = metrics.precision_recall_curve(self.label, self.probability)
        total = precision + recall
        f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
        best = int(np.argmax(f1[: len(thresholds)]))
        below = float(thresholds[best - 1]) if best else 0.0
        return (below + float(thresholds[best])) / 2

    def metrics(self, threshold: float) -> dict[str, float]:
        """All metrics of a binary classifier, by the names that MLlib, scikit-learn and MLflow use.

        Args:
            threshold: Rows with a probability at or above it count as predicted positive.

        Returns:
            `areaUnderROC`, `average_precision` (precision over the steps of recall),
            `areaUnderPR` (straight lines between the points, as MLlib has it: it flatters),
            `accuracy`, `precision`, `recall`, `f1`, `log_loss` and `brier`.

        Raises:
            HitcastError: if the rows hold one class only, for which most are undefined.
        """
        from sklearn import metrics

        y, p = self.label, self.probability
        if len(np.unique(y)) < 2:
            raise HitcastError(
                f"expected rows of both classes to evaluate on, got {len(y)} rows of "
                f"{len(np.unique(y))} class; ingest more rows or ask for fewer folds"
            )
        predicted = (p >= threshold).astype(float)
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            y, predicted, average="binary", zero_division=0.0
        )
        values: dict[str, Any] = {
            "areaUnderROC": metrics.roc_auc_score(y, p),
            "average_precision": metrics.average_precision_score(y, p),
            "areaUnderPR": self._area_under_pr(),
            "accuracy": metrics.accuracy_score(y, predicted),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "log_loss": metrics.log_loss(y, p),
            "brier": metrics.brier_score_loss(y, p),
        }
        return {name: float(value) for name, value in values.items()}

    def _area_under_pr(self) -> float:
        from sklearn import metrics

        precision, recall, _ = metrics.precision_recall_curve(self.label, self.probability)
        # MLlib begins at recall 0 with the first point's precision, scikit-learn with 1.
        precision[-1] = precision[-2]
        return float(metrics.auc(recall, precision))


def as_named_now(metrics: Mapping[str, float]) -> dict[str, float]:
    """A run's metrics by the names of now; runs of old have another for the average precision."""
    if any(NOW in name for name in metrics):
        return dict(metrics)
    return {name.replace(OF_OLD, NOW): value for name, value in metrics.items()}
