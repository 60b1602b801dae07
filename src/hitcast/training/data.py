"""The rows of a training: gold at a fixed version, split, cached, in a fixed order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyspark.ml import Model, Pipeline, PipelineModel, Transformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Candidate, Family
from hitcast.declaration.fingerprint import fingerprint_of
from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL, with_label
from hitcast.features.selecting import stages_of
from hitcast.features.stages import FEATURES, feature_stages
from hitcast.models.standing import prior_shares
from hitcast.portable.values import Values, values_of
from hitcast.tables.delta import Table
from hitcast.tables.keeping import kept, let_go
from hitcast.training.counting import (
    count_classes,
    counts_of,
    require_enough,
    require_in_each_fold,
    tuning_shares,
)
from hitcast.training.rows import Rows, Shares, read_rows
from hitcast.training.split import (
    FOLD,
    IS_TEST,
    ROW,
    TUNING,
    in_fixed_order,
    tuning_share,
    with_fold,
    with_ids,
    with_test_mark,
)


@dataclass(frozen=True)
class TrainingData:
    """Training and test rows of one training.

    Attributes:
        train: Training rows with the raw inputs, key, `_row_`, `_unit_`, `label`, `fold` and
            `is_tuning`; cached.
        test: Test rows with the raw inputs, key, `_row_`, `_unit_` and `label`; no fit sees them.
        rows: What the driver holds of the training rows.
        table_version: Gold's version that they were read at.
        generated: Whether they were generated.
        counts: Rows of train, tuning and test, and of their positive class, or of each of more.
    """

    train: DataFrame
    test: DataFrame
    rows: Rows
    table_version: int
    generated: bool
    counts: dict[str, int]


@dataclass(frozen=True)
class Prepared:
    """Assembled features, fitted once and cached, for all candidates with the same steps."""

    features: PipelineModel
    train: DataFrame
    tuning: DataFrame

    def with_classifier(self, model: Model) -> PipelineModel:
        """The whole pipeline, from raw columns to a probability."""
        stages: list[Transformer] = [*self.features.stages, *stages_of(model)]
        return PipelineModel(stages)

    def release(self) -> None:
        """Free the cached rows."""
        let_go(self.train)
        let_go(self.tuning)


def read_test_rows(gold: Table, use_case: UseCase, version: int | None = None) -> DataFrame:
    """The test rows of gold: key, raw inputs, group, `_row_`, `_unit_` and `label`."""
    return _marked(gold, use_case, version).where(IS_TEST).drop(IS_TEST)


def read_training_data(
    gold: Table, use_case: UseCase, *, version: int | None, folds: int, seed: int
) -> TrainingData:
    """Read gold and split it.

    Args:
        gold: The feature table.
        use_case: Names columns, label rule and split.
        version: Gold's version, or None for the newest.
        folds: Number of folds.
        seed: Deals the folds and draws the tuning rows; test rows do not depend on it.

    Raises:
        SourceError: if there is no such table or version.
        HitcastError: if there are too few rows of a class.
    """
    version = gold.version() if version is None and gold.exists() else version
    marked = _marked(gold, use_case, version).transform(
        with_fold(use_case.group, use_case.key, folds, seed)
    )
    label, names = use_case.label, use_case.label.names
    sizes = count_classes(marked, label.count)
    shares = tuning_shares(sizes["train"], use_case.training.tuning_rows)
    train = kept(
        marked.where(~F.col(IS_TEST))
        .withColumn(TUNING, tuning_share(use_case.key, LABEL, shares, seed))
        .drop(IS_TEST)
        .transform(in_fixed_order(use_case.key, use_case.training.partitions))
    )
    rows = read_rows(train, _shares(sizes["train"], shares, use_case.training.prior))
    sizes["tuning"] = np.bincount(rows.of_tuning.label.astype(int), minlength=label.count).tolist()
    require_enough(sizes, {"tuning": folds, "test": 1}, names)
    require_in_each_fold(rows.of_tuning.label, rows.of_tuning.fold, folds, names)
    test = marked.where(IS_TEST).drop(IS_TEST, FOLD)
    counts = counts_of(sizes, names)
    return TrainingData(train, test, rows, version or 0, gold.is_generated(), counts)


def _shares(by_class: Sequence[int], tuning: Mapping[float, float], prior: float | None) -> Shares:
    """The shares of the classes that all rows, and tuning rows, stand for; None: their own."""
    whole = prior_shares(prior)
    if len(set(tuning.values())) == 1:
        return Shares(whole, whole)
    total = max(sum(by_class), 1)
    return Shares(whole, whole or tuple(count / total for count in by_class))


def prepare(data: TrainingData, use_case: UseCase, candidate: Candidate) -> Prepared:
    """Fit the feature stages on all training rows and cache what they make of them.

    None of the stages looks at the label, so fitting them once, not once a fold, leaks nothing
    that a score could profit from (docs/decisions tells more).
    """
    features = Pipeline(stages=feature_stages(use_case.modelled(), candidate)).fit(data.train)
    train = kept(features.transform(data.train).select(ROW, LABEL, FOLD, TUNING, FEATURES))
    tuning = kept(train.where(TUNING)) if data.counts["tuning"] < data.counts["train"] else train
    tuning.count()
    return Prepared(features, train, tuning)


def laid_out(tuning: DataFrame, family: Family) -> DataFrame:
    """Tuning rows as a family is fitted on them: XGBoost's in one partition, for one worker.

    A worker costs seconds to start, whatever there is to do.
    """
    return tuning.transform(in_fixed_order(ROW, 1)) if family == "xgboost" else tuning


def to_columns(rows: pd.DataFrame, names: Sequence[str]) -> dict[str, Values]:
    """The columns `names` as a portable scorer takes them, numbers as arrays."""
    return {name: values_of(rows[name]) for name in names}


def _marked(gold: Table, use_case: UseCase, version: int | None) -> DataFrame:
    """Gold's rows with raw inputs, key, group, `_row_`, `_unit_`, `label` and `is_test`."""
    names = [use_case.key, *(c.name for c in use_case.features)]
    if use_case.group is not None:
        names.append(use_case.group)
    return (
        gold.read(version)
        .transform(with_label(use_case.label))
        # Rows of a class that has left the declaration since they came in.
        .where(F.col(LABEL).isNotNull())
        .transform(with_test_mark(fingerprint_of(use_case)["split"]))
        .select(*dict.fromkeys(names), LABEL, IS_TEST)
        .transform(with_ids(use_case.group, use_case.key))
    )
