"""Cross-validated search: every fold's metrics and every out-of-fold prediction are kept.

Spark's own `CrossValidator` keeps neither, so the loop over folds is ours; estimators and models
are Spark ML's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyspark.ml import Estimator, Model
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Family
from hitcast.features.label import LABEL
from hitcast.models.metrics import Array, Scored
from hitcast.training.retry import fit
from hitcast.training.split import FOLD
from hitcast.training.trials import Parameters, Proposer


@dataclass(frozen=True)
class CvResult:
    """One setting of one family, cross-validated.

    Attributes:
        family: Which kind of estimator.
        parameters: The trial's hyperparameters.
        fold_metrics: All metrics of each fold, at the trial's threshold.
        out_of_fold: Each tuning row, scored by the model that did not see it.
        threshold: The threshold with the best F1 on the out-of-fold predictions.
    """

    family: Family
    parameters: Parameters
    fold_metrics: tuple[dict[str, float], ...]
    out_of_fold: Scored = field(repr=False)
    threshold: float

    def mean(self, metric: str) -> float:
        """The metric's mean over the folds."""
        return float(np.mean([fold[metric] for fold in self.fold_metrics]))

    def spread(self, metric: str) -> float:
        """The metric's sample standard deviation over the folds."""
        return float(np.std([fold[metric] for fold in self.fold_metrics], ddof=1))

    def summary(self) -> dict[str, float]:
        """Each metric's mean over the folds by its name, its spread by its name with `_sd`."""
        names = self.fold_metrics[0]
        means = {name: self.mean(name) for name in names}
        return means | {f"{name}_sd": self.spread(name) for name in names}


def collect_scores(model: Model, rows: DataFrame) -> Scored:
    """Score `rows` with Spark and bring labels and P(label = 1) to the driver."""
    positive = vector_to_array(F.col("probability"))[1].alias("probability")
    scored = model.transform(rows).select(F.col(LABEL), positive).toPandas()
    return Scored(scored[LABEL].to_numpy(dtype=float), scored["probability"].to_numpy(dtype=float))


def cross_validate(
    build: Callable[[Parameters], Estimator[Any]],
    parameters: Parameters,
    rows: DataFrame,
    *,
    family: Family,
    folds: int,
    fit_done: Callable[[], None],
) -> CvResult:
    """Fit and score one setting on each fold.

    Args:
        build: From parameters to an unfitted estimator.
        parameters: The setting.
        rows: Tuning rows with `features`, `label` and `fold`; cached by the caller.
        family: Which kind of estimator it is.
        folds: Number of folds.
        fit_done: Is called after each fit.

    Returns:
        Metrics of each fold and all out-of-fold predictions.
    """
    parts: list[Scored] = []
    for fold in range(folds):
        model = fit(build(parameters), rows.where(F.col(FOLD) != fold))
        parts.append(collect_scores(model, rows.where(F.col(FOLD) == fold)))
        fit_done()
    pooled = Scored(_joined([p.label for p in parts]), _joined([p.probability for p in parts]))
    threshold = pooled.best_f1_threshold()
    return CvResult(
        family=family,
        parameters=parameters,
        fold_metrics=tuple(part.metrics(threshold) for part in parts),
        out_of_fold=pooled,
        threshold=threshold,
    )


def search(
    proposer: Proposer, run_trial: Callable[[Parameters], CvResult], *, metric: str
) -> CvResult:
    """Run all trials that `proposer` has and return the best by the metric's mean over folds."""
    best: CvResult | None = None
    for parameters in proposer:
        result = run_trial(parameters)
        proposer.tell(result.mean(metric))
        if best is None or result.mean(metric) > best.mean(metric):
            best = result
    if best is None:
        raise ValueError("expected at least one trial, got none; ask for --trials 1 or more")
    return best


def _joined(parts: list[Array]) -> Array:
    return np.concatenate(parts)
