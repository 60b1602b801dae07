"""The rows of a training: gold at a fixed version, split, cached, in a fixed order."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from pyspark.ml import Model, Pipeline, PipelineModel, Transformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Candidate
from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from hitcast.features.label import LABEL, with_label
from hitcast.features.stages import FEATURES, feature_stages
from hitcast.tables.delta import Table
from hitcast.tables.keeping import kept, let_go
from hitcast.training.split import (
    FOLD,
    IS_TEST,
    in_fixed_order,
    tuning_share,
    with_fold,
    with_test_mark,
)

TUNING = "is_tuning"


@dataclass(frozen=True)
class TrainingData:
    """Training and test rows of one training.

    Attributes:
        train: Training rows with the raw inputs, key, `label`, `fold` and `is_tuning`; cached.
        test: Test rows with the raw inputs, key and `label`; no fit sees them.
        table_version: Gold's version that they were read at.
        generated: Whether they were generated.
        counts: Rows and positive rows of train, tuning and test.
    """

    train: DataFrame
    test: DataFrame
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
        stages: list[Transformer] = [*self.features.stages, model]
        return PipelineModel(stages)

    def release(self) -> None:
        """Free the cached rows."""
        let_go(self.train)
        let_go(self.tuning)


def read_test_rows(gold: Table, use_case: UseCase, version: int | None = None) -> DataFrame:
    """The test rows of gold: key, raw inputs, group and `label`."""
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
        HitcastError: if there are too few rows of either class.
    """
    version = gold.version() if version is None and gold.exists() else version
    marked = _marked(gold, use_case, version).transform(
        with_fold(use_case.group, use_case.key, folds, seed)
    )
    total = marked.where(~F.col(IS_TEST)).count()
    share = min(1.0, use_case.training.tuning_rows / max(total, 1))
    train = kept(
        marked.where(~F.col(IS_TEST))
        .withColumn(TUNING, tuning_share(use_case.key, share, seed))
        .drop(IS_TEST)
        .transform(in_fixed_order(use_case.key, use_case.training.partitions))
    )
    test = marked.where(IS_TEST).drop(IS_TEST, FOLD)
    counts = _counts(train, test)
    _check_counts(counts, folds)
    return TrainingData(train, test, version or 0, gold.is_generated(), counts)


def prepare(data: TrainingData, use_case: UseCase, candidate: Candidate) -> Prepared:
    """Fit the feature stages on all training rows and cache what they make of them.

    None of the stages looks at the label, so fitting them once, not once a fold, leaks nothing
    that a score could profit from (docs/decisions tells more).
    """
    features = Pipeline(stages=feature_stages(use_case.features, candidate)).fit(data.train)
    train = kept(features.transform(data.train).select(LABEL, FOLD, TUNING, FEATURES))
    tuning = kept(train.where(TUNING)) if data.counts["tuning"] < data.counts["train"] else train
    tuning.count()
    return Prepared(features, train, tuning)


def to_columns(rows: pd.DataFrame, names: Sequence[str]) -> dict[str, list[object]]:
    """The columns `names` as lists, missing values as None, as a portable scorer takes them."""
    return {
        name: rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in names
    }


def _marked(gold: Table, use_case: UseCase, version: int | None) -> DataFrame:
    """Gold's rows with raw inputs, key, group, `label` and `is_test`."""
    names = [use_case.key, *(c.name for c in use_case.features)]
    if use_case.group is not None:
        names.append(use_case.group)
    split = use_case.split
    return (
        gold.read(version)
        .transform(with_label(use_case.label.column, use_case.label.at_least))
        .select(*names, LABEL)
        .transform(with_test_mark(use_case.key, split.salt, split.test_percent))
    )


def _counts(train: DataFrame, test: DataFrame) -> dict[str, int]:
    tuning = F.col(TUNING).cast("int")
    row = train.agg(
        F.count("*").alias("train"),
        F.sum(LABEL).cast("int").alias("train_positive"),
        F.sum(tuning).cast("int").alias("tuning"),
        F.sum(tuning * F.col(LABEL)).cast("int").alias("tuning_positive"),
    ).first()
    test_row = test.agg(
        F.count("*").alias("test"), F.sum(LABEL).cast("int").alias("test_positive")
    ).first()
    found = {**(row.asDict() if row else {}), **(test_row.asDict() if test_row else {})}
    return {name: int(value or 0) for name, value in found.items()}


def _check_counts(counts: dict[str, int], folds: int) -> None:
    for part in ("tuning", "test"):
        positive, negative = counts[f"{part}_positive"], counts[part] - counts[f"{part}_positive"]
        if min(positive, negative) < (folds if part == "tuning" else 1):
            raise HitcastError(
                f"expected rows of both classes among the {part} rows, {folds} or more of each; "
                f"got {positive} positive and {negative} negative ones; ingest more rows"
            )
