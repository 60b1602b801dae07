"""The families at work: what each is fitted on, and with which estimator."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyspark.ml import Estimator, Model, PipelineModel
from pyspark.sql import DataFrame

from hitcast.declaration.candidates import Family
from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError, UseCaseError
from hitcast.models.tracking import Tracker
from hitcast.running.interrupts import was_interrupted
from hitcast.running.job import first_line, say
from hitcast.training.candidates import build_estimator, weighted
from hitcast.training.data import Prepared, TrainingData, laid_out, prepare
from hitcast.training.options import TrainOptions
from hitcast.training.progress import Progress
from hitcast.training.retry import fit
from hitcast.training.scores import labelled_scores
from hitcast.training.search import CvResult, cross_validate
from hitcast.training.trials import Parameters


@dataclass
class Families:
    """The families of one training.

    Attributes:
        data: The rows.
        use_case: Declares the candidates.
        options: Which of them, folds, seed.
        tracker: Writes their runs.
        progress: Counts fits.
        left_out: The families that failed, and why.
    """

    data: TrainingData
    use_case: UseCase
    options: TrainOptions
    tracker: Tracker
    progress: Progress
    left_out: dict[Family, str] = field(default_factory=dict)
    _prepared: dict[tuple[object, ...], Prepared] = field(default_factory=dict)

    def rows_for(self, family: Family) -> Prepared:
        """Cached features of the rows, shared by the families with the same steps."""
        steps, candidate = self._steps(family), self.use_case.candidates[family]
        if steps not in self._prepared:
            self.progress.begin(f"{family}: features")
            self._prepared[steps] = prepare(self.data, self.use_case, candidate)
        return self._prepared[steps]

    def keep_rows_for(self, families: Iterable[Family]) -> None:
        """Free what is cached for other families alone."""
        kept = {self._steps(family) for family in families}
        for steps in set(self._prepared) - kept:
            self._prepared.pop(steps).release()

    def _steps(self, family: Family) -> tuple[object, ...]:
        candidate = self.use_case.candidates[family]
        return (candidate.encoding, candidate.scaling, candidate.codes, candidate.pca)

    def estimator(self, family: Family, parameters: Parameters, workers: int = 0) -> Estimator[Any]:
        """A family's unfitted estimator; `workers` of XGBoost: 0 for one a partition."""
        return build_estimator(
            family,
            self.use_case.candidates[family],
            parameters,
            self.use_case.modelled(),
            self.rows_for(family).features.stages,
            seed=self.options.seed,
            partitions=workers or self.use_case.training.partitions,
        )

    def fit(
        self, family: Family, parameters: Parameters, rows: DataFrame, workers: int = 0
    ) -> Model:
        """Fit one setting on some rows, weighted as it says."""
        setting = {**self.use_case.candidates[family].fixed, **parameters}
        weighed = weighted(rows, setting, self.data.rows.sizes)
        model: Model = fit(self.estimator(family, parameters, workers), weighed)
        return model

    def fit_whole(self, family: Family, parameters: Parameters) -> PipelineModel:
        """Fit one setting on all training rows; the whole pipeline, from raw columns on."""
        rows = self.rows_for(family)
        return rows.with_classifier(self.fit(family, parameters, rows.train))

    def keep_trial(self, trial: CvResult) -> tuple[PipelineModel, dict[str, float]]:
        """A setting's model of all training rows, and its metrics on the test rows."""
        model = self.fit_whole(trial.family, trial.parameters)
        _, scored = labelled_scores(model, self.data.test, self.use_case)
        return model, scored.metrics(trial.threshold)

    def tune(self, family: Family, parameters: Parameters) -> CvResult:
        """Cross-validate one setting on the tuning rows."""
        frame = laid_out(self.rows_for(family).tuning, family)
        return self._cross_validate(family, parameters, frame, tuning=True)

    def cross_fit(self, family: Family, parameters: Parameters) -> CvResult:
        """Cross-validate one setting on all training rows."""
        return self._cross_validate(family, parameters, self.rows_for(family).train, tuning=False)

    def _cross_validate(
        self, family: Family, parameters: Parameters, frame: DataFrame, *, tuning: bool
    ) -> CvResult:
        rows = self.data.rows
        return cross_validate(
            partial(self.fit, family, parameters, workers=int(tuning)),
            parameters,
            frame,
            rows.of_tuning if tuning else rows,
            family=family,
            folds=self.options.folds,
            cost=self.use_case.training.cost,
            fit_done=self.progress.fit_done,
        )

    @contextmanager
    def told_if_it_fails(self, family: Family) -> Iterator[None]:
        """Leave a family out where a block fails; what conf says wrong and interrupts go on."""
        try:
            yield
        except UseCaseError:
            raise
        except Exception as error:
            if was_interrupted():
                raise
            why = self.left_out[family] = first_line(error)
            say(f"{family} is left out, its fit failed: {why}")

    def require(self, found: list[Any]) -> None:
        """Raise unless a family is left.

        Raises:
            HitcastError: if all have failed; says why.
        """
        if not found:
            told = "; ".join(f"{name}: {why}" for name, why in self.left_out.items())
            raise HitcastError(f"expected a family whose fits end well, but all failed: {told}")

    def release(self) -> None:
        """Free what was cached."""
        self.keep_rows_for(())
