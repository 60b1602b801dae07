"""What has to be fitted for a view: the winner's best member on other rows, or on other inputs.

Fits are made on tuning rows, so that they stay cheap however many rows there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyspark.ml import Model, Pipeline, PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Candidate
from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL
from hitcast.features.selecting import stages_of
from hitcast.features.stages import FEATURES, feature_stages
from hitcast.models.metrics import Array
from hitcast.tables.keeping import kept, let_go
from hitcast.training.candidates import build_estimator, weighted
from hitcast.training.data import TrainingData, laid_out
from hitcast.training.options import TrainOptions
from hitcast.training.retry import fit
from hitcast.training.scores import labelled_scores
from hitcast.training.search import CvResult, cross_validate
from hitcast.training.searches import FamilyResult
from hitcast.training.split import FOLD, ROW, TUNING, UNIT
from hitcast.training.views import Seen


@dataclass(frozen=True)
class Again:
    """A family's best setting, to be fitted once more on tuning rows.

    Attributes:
        tuned: The setting, as it was cross-validated on the tuning rows.
        data: The rows.
        use_case: Declares the family.
        options: Folds and seed.
    """

    tuned: CvResult
    data: TrainingData
    use_case: UseCase
    options: TrainOptions

    def latest(self, column: str) -> tuple[Any, Seen]:
        """Fit on the tuning rows before the newest value of `column`; score all rows that have it.

        Returns:
            The newest value, and its rows, none of which the fit saw.
        """
        (newest,) = self.data.train.agg(F.max(column)).collect()[0]
        before = self.data.train.where(F.col(TUNING) & (F.col(column) < newest))
        features, frame = self._vectors(before, self.use_case.modelled())
        model = self._fit(features, self.use_case.modelled(), frame)
        let_go(frame)
        pipeline = PipelineModel([*features.stages, *stages_of(model)])
        parts = (self.data.train.drop(FOLD, TUNING), self.data.test)
        held, other = (part.where(F.col(column) == newest) for part in parts)
        found, scored = labelled_scores(pipeline, held.unionByName(other), self.use_case, [UNIT])
        return newest, Seen(scored, found[UNIT].to_numpy())

    def without(self, names: Sequence[str]) -> Array:
        """Out-of-fold probabilities of the tuning rows without these inputs, in `tuned`'s order."""
        columns = self.use_case.modelled(names)
        features, frame = self._vectors(self.data.train.where(TUNING), columns)
        found = cross_validate(
            partial(self._fit, features, columns),
            self.tuned.parameters,
            frame,
            self.tuned.rows,
            family=self.tuned.family,
            folds=self.options.folds,
            cost=self.use_case.training.cost,
            fit_done=lambda: None,
        )
        let_go(frame)
        return found.probability

    @property
    def _candidate(self) -> Candidate:
        return self.use_case.candidates[self.tuned.family]

    def _vectors(
        self, rows: DataFrame, columns: Sequence[Column]
    ) -> tuple[PipelineModel, DataFrame]:
        """Fitted feature stages, and what they make of the rows, cached."""
        stages = feature_stages(columns, self._candidate)
        features = Pipeline(stages=stages).fit(rows)
        frame = features.transform(rows).select(ROW, LABEL, FOLD, FEATURES)
        return features, kept(laid_out(frame, self.tuned.family))

    def _fit(self, features: PipelineModel, columns: Sequence[Column], rows: DataFrame) -> Model:
        estimator = build_estimator(
            self.tuned.family,
            self._candidate,
            self.tuned.parameters,
            columns,
            features.stages,
            seed=self.options.seed,
            partitions=1,
        )
        setting = {**self._candidate.fixed, **self.tuned.parameters}
        model: Model = fit(estimator, weighted(rows, setting, self.data.rows.sizes))
        return model


def on_tuning_rows(result: FamilyResult) -> CvResult:
    """A family's best setting as its search saw it, before it was fitted on all rows."""
    best = result.best.parameters
    return next(trial for trial in result.trials if trial.parameters == best)
