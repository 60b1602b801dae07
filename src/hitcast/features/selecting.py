"""The Spark ML stages that keep some features of a vector, or make components of them.

They are fitted with the classifier, on the rows that it is fitted on: what looks at the label must
not see the fold that a model is judged on. All fitted ones are Spark ML's own.
"""

from collections.abc import Sequence
from typing import Any

from pyspark.ml import Estimator, Pipeline, PipelineModel, Transformer
from pyspark.ml.feature import PCA, PCAModel, VarianceThresholdSelector, VectorSlicer
from pyspark.ml.functions import vector_to_array
from pyspark.ml.param.shared import HasInputCol, HasOutputCol
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.selecting import Selection
from hitcast.features.grounds import WAYS, most_varying

SELECTED, COMPONENTS = "_selected_", "_components_"


class Reducing(Estimator[PCAModel], HasInputCol, HasOutputCol):
    """Makes principal components, at most as many as the vector has features.

    How many it has may be known only when the stages before are fitted.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def _fit(self, dataset: DataFrame) -> PCAModel:
        source, target = self.getInputCol(), self.getOutputCol()
        first = dataset.select(F.size(vector_to_array(F.col(source))).alias("size")).head()
        count = min(self._count, first["size"]) if first is not None else self._count
        model: PCAModel = PCA(k=count, inputCol=source, outputCol=target).fit(dataset)
        return model


class Varying(Estimator[VectorSlicer]):
    """Keeps the features that vary by more than a limit, or else the one that varies most."""

    def __init__(self, limit: float, features: str) -> None:
        super().__init__()
        self._limit, self._features = limit, features

    def _fit(self, dataset: DataFrame) -> VectorSlicer:
        selector = VarianceThresholdSelector(
            featuresCol=self._features, outputCol=SELECTED, varianceThreshold=self._limit
        )
        kept = [int(place) for place in selector.fit(dataset).selectedFeatures]
        chosen = kept or [most_varying(dataset, self._features)]
        return VectorSlicer(inputCol=self._features, outputCol=SELECTED, indices=chosen)


class Slicing(Estimator[VectorSlicer]):
    """Keeps the best features of a vector: by frequency, by chi-square test or by importance."""

    def __init__(self, selection: Selection, features: str) -> None:
        super().__init__()
        self._selection, self._features = selection, features

    def _fit(self, dataset: DataFrame) -> VectorSlicer:
        count = int(self._selection.limit)
        chosen = sorted(WAYS[self._selection.ground](dataset, self._features, count))
        return VectorSlicer(inputCol=self._features, outputCol=SELECTED, indices=chosen)


def reduction(
    selection: Selection | None, components: int, features: str
) -> tuple[list[Estimator[Any]], str]:
    """The stages that reduce a vector, and the column that a classifier has to read.

    Args:
        selection: Which features are kept; None: all.
        components: How many components are made of those, where they are as many; 0: none.
        features: The column of the vector.
    """
    stages: list[Estimator[Any]] = []
    if selection is not None and selection.ground == "variance":
        stages.append(Varying(selection.limit, features))
    elif selection is not None:
        stages.append(Slicing(selection, features))
    read = SELECTED if stages else features
    if components:
        stages.append(principal_components(components, read, COMPONENTS))
        read = COMPONENTS
    return stages, read


def principal_components(count: int, source: str, target: str) -> Estimator[PCAModel]:
    """The stage that makes so many components of a vector, or all that it has."""
    stage = Reducing(count)
    stage.set(stage.inputCol, source)
    stage.set(stage.outputCol, target)
    return stage


def with_reduction(stages: Sequence[Estimator[Any]], classifier: Estimator[Any]) -> Estimator[Any]:
    """A classifier that is fitted together with the stages before it, where there are some."""
    return Pipeline(stages=[*stages, classifier]) if stages else classifier


def stages_of(model: Transformer) -> list[Transformer]:
    """The stages of a fitted classifier: itself, after those that it was fitted with."""
    return list(model.stages) if isinstance(model, PipelineModel) else [model]
