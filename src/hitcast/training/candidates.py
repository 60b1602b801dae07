"""The families of estimators, all of them Spark ML: from parameters to an unfitted estimator."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.ml import Estimator
from pyspark.ml.classification import (
    GBTClassifier,
    LogisticRegression,
    RandomForestClassifier,
)

from hitcast.declaration.candidates import Candidate, Family, Scalar
from hitcast.declaration.columns import Column
from hitcast.errors import UseCaseError
from hitcast.features.label import LABEL
from hitcast.features.stages import FEATURES, feature_types

BINS = 32
"""MLlib's own number of bins."""


def build_estimator(
    family: Family,
    candidate: Candidate,
    parameters: Mapping[str, Scalar],
    columns: Sequence[Column],
    *,
    seed: int,
    partitions: int,
    categories: int = 0,
) -> Estimator[Any]:
    """Build an unfitted classifier.

    Args:
        family: Which kind.
        candidate: The family's declaration: its fixed hyperparameters and its encoding.
        parameters: A trial's hyperparameters, by the names that Spark ML or XGBoost give them.
        columns: The model's inputs; XGBoost is told which elements of the vector are categories.
        seed: Seed of what the estimator draws at random.
        partitions: Number of partitions of the rows; XGBoost starts as many workers.
        categories: The most values that a column of the vector has as a category; MLlib's trees
            need as many bins.

    Returns:
        An estimator that reads `features` and `label`, and writes `probability`.

    Raises:
        UseCaseError: if the family does not have one of the parameters, or refuses its value.
    """
    settings: dict[str, Any] = {**candidate.fixed, **parameters}
    try:
        if family == "xgboost":
            indexed = candidate.encoding == "indexed"
            types = feature_types(columns) if indexed else None
            return _xgboost(settings, types, seed=seed, workers=partitions)
        least = categories if candidate.encoding == "indexed" else 0
        return _mllib(family, settings, seed=seed, least_bins=least)
    except (TypeError, ValueError, AttributeError) as error:
        raise UseCaseError(
            f"candidates.{family}: expected parameters that the estimator has, got {settings}: "
            f"{error}"
        ) from None


def _mllib(
    family: Family, settings: dict[str, Any], *, seed: int, least_bins: int
) -> Estimator[Any]:
    settings = {"featuresCol": FEATURES, "labelCol": LABEL, **settings}
    if family == "logistic_regression":
        return LogisticRegression(**{"family": "binomial", **settings})
    settings["maxBins"] = max(int(settings.get("maxBins", BINS)), least_bins)
    if family == "random_forest":
        return RandomForestClassifier(**{"seed": seed, **settings})
    return GBTClassifier(**{"seed": seed, **settings})


def _xgboost(
    settings: dict[str, Any], types: list[str] | None, *, seed: int, workers: int
) -> Estimator[Any]:
    from xgboost.spark import SparkXGBClassifier

    estimator: Estimator[Any] = SparkXGBClassifier(
        features_col=FEATURES,
        label_col=LABEL,
        feature_types=types,
        num_workers=workers,
        random_state=seed,
        verbosity=0,
        verbose=False,
        **settings,
    )
    return estimator
