"""One family after the other: search its space, refit its best setting on all training rows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyspark.ml import Estimator, PipelineModel

from hitcast.declaration.candidates import Candidate, Family
from hitcast.declaration.use_case import UseCase
from hitcast.models.tracking import Tracker, cv_metrics
from hitcast.running.session import find_native_libraries
from hitcast.training.candidates import build_estimator
from hitcast.training.data import Prepared, TrainingData, prepare
from hitcast.training.options import TrainOptions
from hitcast.training.progress import Progress
from hitcast.training.retry import fit
from hitcast.training.search import CvResult, cross_validate, search
from hitcast.training.trials import Parameters, Proposer, build_proposer


@dataclass(frozen=True)
class FamilyResult:
    """The best of one family.

    Attributes:
        best: The best setting, cross-validated.
        trials: All settings that were tried, in order.
        model: The whole pipeline, refitted on all training rows.
        run_id: The family's MLflow run.
        model_uri: Where the Spark pipeline was logged.
        seconds: What search and refit took.
    """

    best: CvResult
    trials: tuple[CvResult, ...]
    model: PipelineModel
    run_id: str
    model_uri: str
    seconds: float


def train_families(
    data: TrainingData, use_case: UseCase, options: TrainOptions, tracker: Tracker
) -> list[FamilyResult]:
    """Search and refit each family; the best comes first.

    Returns:
        One result a family, by the selection metric's mean over the folds, best first.
    """
    proposers = {
        name: build_proposer(
            options.search, use_case.candidates[name], options.trials, options.seed
        )
        for name in options.candidates
    }
    fits = sum(p.trials * options.folds + 1 for p in proposers.values())
    prepared: dict[tuple[object, ...], Prepared] = {}
    results: list[FamilyResult] = []
    find_native_libraries(data.train.sparkSession)
    with Progress(fits) as progress:
        for name, proposer in proposers.items():
            candidate = use_case.candidates[name]
            steps = (candidate.encoding, candidate.scaling, candidate.pca)
            progress.begin(f"{name}: features")
            if steps not in prepared:
                for other in prepared.values():
                    other.release()
                prepared = {steps: prepare(data, use_case, candidate)}
            family = _Family(name, candidate, data, prepared[steps], use_case, options, progress)
            results.append(family.train(proposer, tracker))
    for rows in prepared.values():
        rows.release()
    metric = use_case.training.metric
    return sorted(results, key=lambda result: -result.best.mean(metric))


@dataclass(frozen=True)
class _Family:
    """One family at work."""

    name: Family
    candidate: Candidate
    data: TrainingData
    rows: Prepared
    use_case: UseCase
    options: TrainOptions
    progress: Progress

    def train(self, proposer: Proposer, tracker: Tracker) -> FamilyResult:
        """Search, refit, log."""
        started = time.monotonic()
        tags = {"hitcast.level": "family", "hitcast.family": self.name}
        trials: list[CvResult] = []
        with tracker.run(self.name, tags) as run_id:

            def run_trial(parameters: Parameters) -> CvResult:
                began = time.monotonic()
                number = len(trials) + 1
                self.progress.begin(f"{self.name}: trial {number} of {proposer.trials}")
                trial = self._cross_validate(parameters)
                trials.append(trial)
                tracker.log_trial(
                    f"{self.name}-{number}", self.name, parameters, trial.fold_metrics,
                    trial.summary(), seconds=time.monotonic() - began,
                )  # fmt: skip
                return trial

            best = search(proposer, run_trial, metric=self.use_case.training.metric)
            self.progress.begin(f"{self.name}: refit on {self.data.counts['train']} rows")
            model = self.rows.with_classifier(fit(self._build(best.parameters), self.rows.train))
            self.progress.fit_done()
            tracker.log({**self.candidate.fixed, **best.parameters}, cv_metrics(best.summary()))
            uri = tracker.log_spark_model(model)
        return FamilyResult(best, tuple(trials), model, run_id, uri, time.monotonic() - started)

    @property
    def _build(self) -> Callable[[Parameters], Estimator[Any]]:
        return lambda parameters: build_estimator(
            self.name,
            self.candidate,
            parameters,
            self.use_case.features,
            seed=self.options.seed,
            partitions=self.use_case.training.partitions,
        )

    def _cross_validate(self, parameters: Parameters) -> CvResult:
        return cross_validate(
            self._build,
            parameters,
            self.rows.tuning,
            family=self.name,
            folds=self.options.folds,
            fit_done=self.progress.fit_done,
        )
