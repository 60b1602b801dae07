"""The families of estimators, all of them Spark ML: from parameters to an unfitted estimator."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.ml import Estimator, Transformer
from pyspark.ml.classification import (
    GBTClassifier,
    LogisticRegression,
    NaiveBayes,
    RandomForestClassifier,
)
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.candidates import BALANCE, Candidate, Family, Scalar
from hitcast.declaration.columns import Column
from hitcast.declaration.selecting import NONE, PCA, SELECT, Selection, components_of
from hitcast.errors import UseCaseError
from hitcast.features.label import LABEL
from hitcast.features.selecting import reduction, with_reduction
from hitcast.features.stages import FEATURES, feature_types, most_categories

BINS = 32
"""MLlib's own number of bins."""
WEIGHT = "_weight_"


def build_estimator(
    family: Family,
    candidate: Candidate,
    parameters: Mapping[str, Scalar],
    columns: Sequence[Column],
    fitted: Sequence[Transformer],
    *,
    seed: int,
    partitions: int,
) -> Estimator[Any]:
    """Build an unfitted classifier.

    Args:
        family: Which kind.
        candidate: The family's declaration: its fixed hyperparameters and its encoding.
        parameters: A trial's hyperparameters, by the names that Spark ML or XGBoost give them, and
            `class_balance`; where that is not 0, rows have to be `weighted`.
        columns: What the model sees; XGBoost is told which elements of the vector are categories.
        fitted: The stages that make the vector; MLlib's trees need as many bins as a column has
            values as a category.
        seed: Seed of what the estimator draws at random.
        partitions: Number of partitions of the rows; XGBoost starts as many workers.

    Returns:
        An estimator that reads `features`, `label` and, with a class balance, `_weight_`, and
        writes `probability`.

    Raises:
        UseCaseError: if the family does not have one of the parameters, or refuses its value.
    """
    settings: dict[str, Any] = {**candidate.fixed, **parameters}
    try:
        is_weighted = bool(float(settings.pop(BALANCE, 0.0)))
        selection = Selection.of(settings.pop(SELECT, NONE))
        stages, read = reduction(selection, components_of(settings.pop(PCA, 0)), FEATURES)
        if family == "xgboost":
            indexed = candidate.encoding == "indexed"
            types = feature_types(columns, fitted) if indexed else None
            weight = {"weight_col": WEIGHT} if is_weighted else {}
            settings = {"features_col": read, **weight, **settings}
            return with_reduction(stages, _xgboost(settings, types, seed=seed, workers=partitions))
        weight = {"weightCol": WEIGHT} if is_weighted else {}
        least = most_categories(fitted) if candidate.encoding == "indexed" else 0
        settings = {"featuresCol": read, **weight, **settings}
        return with_reduction(stages, _mllib(family, settings, seed=seed, least_bins=least))
    except (TypeError, ValueError, AttributeError) as error:
        raise UseCaseError(
            f"candidates.{family}: expected parameters that the estimator has, got {settings}: "
            f"{error}"
        ) from None


def weighted(
    frame: DataFrame, settings: Mapping[str, Scalar], sizes: NDArray[np.int64]
) -> DataFrame:
    """Rows with the weights that a setting gives their class.

    Probabilities of a fit on them are those of other shares of the classes; what blends and
    calibrates them on rows as they are takes that back.

    Args:
        frame: Rows with `label`.
        settings: The setting; without a class balance, the rows come back as they are.
        sizes: Rows of each class.

    Returns:
        The rows and `_weight_`, whose mean is about 1.
    """
    power = float(settings.get(BALANCE, 0.0))
    if not power:
        return frame
    each = (sizes.mean() / np.maximum(sizes, 1)) ** power
    each *= sizes.sum() / (each * sizes).sum()
    weight = F.lit(1.0)
    for number, value in enumerate(each.tolist()):
        weight = F.when(F.col(LABEL) == number, value).otherwise(weight)
    return frame.withColumn(WEIGHT, weight)


def _mllib(
    family: Family, settings: dict[str, Any], *, seed: int, least_bins: int
) -> Estimator[Any]:
    settings = {"labelCol": LABEL, **settings}
    if family == "logistic_regression":
        return LogisticRegression(**settings)
    if family == "naive_bayes":
        return NaiveBayes(**settings)
    settings["maxBins"] = max(int(settings.get("maxBins", BINS)), least_bins)
    if family == "random_forest":
        return RandomForestClassifier(**{"seed": seed, **settings})
    return GBTClassifier(**{"seed": seed, **settings})


def _xgboost(
    settings: dict[str, Any], types: list[str] | None, *, seed: int, workers: int
) -> Estimator[Any]:
    from xgboost.spark import SparkXGBClassifier

    estimator: Estimator[Any] = SparkXGBClassifier(
        label_col=LABEL,
        feature_types=types,
        num_workers=workers,
        random_state=seed,
        verbosity=0,
        verbose=False,
        **settings,
    )
    return estimator
