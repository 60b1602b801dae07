"""The Spark ML stages that keep some features of a vector, or make components of them.

They are fitted with the classifier, on the rows that it is fitted on: what looks at the label must
not see the fold that a model is judged on. All fitted ones are Spark ML's own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyspark.ml import Estimator, Pipeline, PipelineModel, Transformer
from pyspark.ml.classification import RandomForestClassifier
from pyspark.ml.feature import (
    PCA,
    UnivariateFeatureSelector,
    VarianceThresholdSelector,
    VectorSlicer,
)
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.selecting import Selection
from hitcast.features.label import LABEL

SELECTED, COMPONENTS = "selected", "components"
TREES, DEPTH, SEED = 20, 5, 0
"""Of the forest that tells importances."""
BINS_AT = [0.25, 0.5, 0.75]
"""Numbers are cut there for the chi-square test, which is of categories."""


class Slicing(Estimator[VectorSlicer]):
    """Keeps the best features of a vector, by chi-square test or by importance."""

    def __init__(self, selection: Selection, features: str) -> None:
        super().__init__()
        self._selection, self._features = selection, features

    def _fit(self, dataset: DataFrame) -> VectorSlicer:
        count = int(self._selection.limit)
        of_ground = _by_chi_square if self._selection.ground == "chi_square" else _by_importance
        chosen = sorted(of_ground(dataset, self._features, count))
        return VectorSlicer(inputCol=self._features, outputCol=SELECTED, indices=chosen)


def reduction(
    selection: Selection | None, components: int, features: str
) -> tuple[list[Estimator[Any]], str]:
    """The stages that reduce a vector, and the column that a classifier has to read.

    Args:
        selection: Which features are kept; None: all.
        components: How many components are made of those; 0: none.
        features: The column of the vector.
    """
    stages: list[Estimator[Any]] = []
    if selection is not None and selection.ground == "variance":
        stages.append(
            VarianceThresholdSelector(
                featuresCol=features, outputCol=SELECTED, varianceThreshold=selection.limit
            )
        )
    elif selection is not None:
        stages.append(Slicing(selection, features))
    read = SELECTED if stages else features
    if components:
        stages.append(PCA(k=components, inputCol=read, outputCol=COMPONENTS))
        read = COMPONENTS
    return stages, read


def with_reduction(stages: Sequence[Estimator[Any]], classifier: Estimator[Any]) -> Estimator[Any]:
    """A classifier that is fitted together with the stages before it, where there are some."""
    return Pipeline(stages=[*stages, classifier]) if stages else classifier


def stages_of(model: Transformer) -> list[Transformer]:
    """The stages of a fitted classifier: itself, after those that it was fitted with."""
    return list(model.stages) if isinstance(model, PipelineModel) else [model]


def _by_importance(rows: DataFrame, features: str, count: int) -> list[int]:
    forest = RandomForestClassifier(
        featuresCol=features, labelCol=LABEL, numTrees=TREES, maxDepth=DEPTH, seed=SEED
    )
    importances = forest.fit(rows).featureImportances.toArray()
    best = np.argsort(-importances, kind="stable")[:count]
    return [int(place) for place in best]


def _by_chi_square(rows: DataFrame, features: str, count: int) -> list[int]:
    """The features whose bins tell most of the label."""
    values = vector_to_array(F.col(features))
    cuts = {
        row["pos"]: row["cuts"]
        for row in rows.select(F.posexplode(values))
        .groupBy("pos")
        .agg(F.percentile_approx("col", BINS_AT, 1000).alias("cuts"))
        .collect()
    }
    at = F.array(*(F.array(*map(F.lit, cuts[place])) for place in sorted(cuts)))

    def bin_of(value: Any, place: Any) -> Any:
        return F.size(F.filter(F.get(at, place), lambda cut: value > cut)).cast("double")

    binned = rows.select(array_to_vector(F.transform(values, bin_of)).alias("bins"), LABEL)
    selector = UnivariateFeatureSelector(
        featuresCol="bins", labelCol=LABEL, outputCol="chosen", selectionMode="numTopFeatures"
    )
    selector.setFeatureType("categorical").setLabelType("categorical")
    selector.setSelectionThreshold(min(count, len(cuts)))
    return [int(place) for place in selector.fit(binned).selectedFeatures]
