"""Cross-validated search: every fold's metrics and every out-of-fold prediction are kept.

Spark's own `CrossValidator` keeps neither, so the loop over folds is ours; estimators and models
are Spark ML's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from pyspark.ml import Model
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Family
from hitcast.declaration.sections import Cost
from hitcast.errors import UseCaseError
from hitcast.models.metrics import Array, Scored
from hitcast.models.thresholds import choose_threshold
from hitcast.running.interrupts import was_interrupted
from hitcast.running.job import first_line, say
from hitcast.training.rows import Rows, Scores
from hitcast.training.scores import collect_scores
from hitcast.training.side_by_side import side_by_side
from hitcast.training.split import FOLD
from hitcast.training.trials import Parameters, Proposer


@dataclass(frozen=True)
class CvResult:
    """One setting of one family, cross-validated.

    Attributes:
        family: Which kind of estimator.
        parameters: The trial's hyperparameters.
        rows: The rows.
        probability: Of each row, by the model that did not see it.
        threshold: Chosen on these predictions.
        fold_metrics: All metrics of each fold, at that threshold.
    """

    family: Family
    parameters: Parameters
    rows: Rows = field(repr=False)
    probability: Array = field(repr=False)
    threshold: float | None
    fold_metrics: tuple[dict[str, float], ...]

    @property
    def out_of_fold(self) -> Scored:
        """Labels beside the predictions."""
        return self.rows.scored(self.probability)

    def mean(self, metric: str) -> float:
        """The metric's mean over the folds."""
        return self.summary()[metric]

    def spread(self, metric: str) -> float:
        """The metric's sample standard deviation over the folds."""
        return self.summary()[f"{metric}_sd"]

    def summary(self) -> dict[str, float]:
        """Each metric's mean over the folds by its name, its spread by its name with `_sd`."""
        return summary_of(self.fold_metrics)


def summary_of(folds: tuple[dict[str, float], ...]) -> dict[str, float]:
    """Mean and sample standard deviation (`NAME_sd`) over the folds of each metric."""
    values = {name: [fold[name] for fold in folds] for name in folds[0]}
    means = {name: float(np.mean(held)) for name, held in values.items()}
    return means | {f"{name}_sd": float(np.std(v, ddof=1)) for name, v in values.items()}


def measure_folds(
    rows: Rows, probability: Array, threshold: float | None
) -> tuple[dict[str, float], ...]:
    """All metrics of each fold."""
    return tuple(part.metrics(threshold) for part in rows.by_fold(probability))


def cross_validate(
    fit_on: Callable[[DataFrame], Model],
    parameters: Parameters,
    frame: DataFrame,
    rows: Rows,
    *,
    family: Family,
    folds: int,
    cost: Cost | None,
    fit_done: Callable[[], None],
) -> CvResult:
    """Fit and score one setting on each fold, the folds side by side.

    Args:
        fit_on: Fits the setting on some rows.
        parameters: The setting.
        frame: Rows with `_row_`, `features`, `label` and `fold`; cached by the caller.
        rows: The same on the driver.
        family: Which kind of estimator it is.
        folds: Number of folds.
        cost: What mistakes cost, if anybody knows.
        fit_done: Is called after each fit.

    Returns:
        Metrics of each fold and all out-of-fold predictions.
    """
    classes = len(rows.sizes)

    def score(fold: int) -> Scores:
        model = fit_on(frame.where(F.col(FOLD) != fold))
        return collect_scores(model, frame.where(F.col(FOLD) == fold), classes)

    parts = side_by_side(score, range(folds), frame.sparkSession, fit_done)
    probability = rows.in_order(parts)
    threshold = choose_threshold(rows.scored(probability), cost)
    return CvResult(
        family=family,
        parameters=parameters,
        rows=rows,
        probability=probability,
        threshold=threshold,
        fold_metrics=measure_folds(rows, probability, threshold),
    )


def search(
    proposer: Proposer, run_trial: Callable[[Parameters], CvResult], *, metric: str
) -> CvResult:
    """Run all trials that `proposer` has and return the best by the metric's mean over folds.

    A trial that fails is told and passed over: some settings ask for what the rows don't have.

    Raises:
        Exception: what the last trial raised, if all failed; at once where conf is wrong.
    """
    best: CvResult | None = None
    failed: Exception | None = None
    for parameters in proposer:
        try:
            result = run_trial(parameters)
        except UseCaseError:
            raise
        except Exception as error:
            if was_interrupted():
                raise
            failed = error
            proposer.tell(None)
            say(f"the trial of {parameters} is left out: {first_line(error)}")
            continue
        proposer.tell(result.mean(metric))
        if best is None or result.mean(metric) > best.mean(metric):
            best = result
    if best is None:
        raise failed or ValueError("expected a trial, got none; ask for --trials 1 or more")
    return best
