"""On which ground some features of a vector are kept, and which those are."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.ml.classification import RandomForestClassifier
from pyspark.ml.feature import IDF, ElementwiseProduct, UnivariateFeatureSelector
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.features.label import LABEL

TREES, DEPTH, SEED = 20, 5, 0
"""Of the forest that tells importances."""
BINS_AT = [0.25, 0.5, 0.75]
"""Numbers are cut there for the chi-square test, which is of categories."""


def most_varying(rows: DataFrame, features: str) -> int:
    """The place of the feature that varies most."""
    values = rows.select(F.posexplode(vector_to_array(F.col(features))))
    spread = values.groupBy("pos").agg(F.var_samp("col").alias("spread"))
    best = spread.orderBy(F.col("spread").desc_nulls_last(), "pos").head()
    return int(best["pos"]) if best is not None else 0


def _by_frequency(rows: DataFrame, features: str, count: int) -> list[int]:
    """The features that are 0 in the fewest rows."""

    def above(column: str, frame: DataFrame) -> NDArray[np.int64]:
        return np.array(IDF(inputCol=column, outputCol="_rare_").fit(frame).docFreq)

    # Spark counts as frequency in how many rows a feature is above 0.
    rows_with = above(features, rows)
    turned = ElementwiseProduct(
        scalingVec=Vectors.dense(-np.ones(len(rows_with))), inputCol=features, outputCol="_turned_"
    )
    rows_with = rows_with + above("_turned_", turned.transform(rows))
    return [int(place) for place in np.argsort(-rows_with, kind="stable")[:count]]


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


WAYS: dict[str, Callable[[DataFrame, str, int], list[int]]] = {
    "frequency": _by_frequency,
    "chi_square": _by_chi_square,
    "importance": _by_importance,
}
