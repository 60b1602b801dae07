"""Export of the stages that turn one feature vector into another: the scaler, PCA, selectors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hitcast.errors import ExportError
from hitcast.portable.features import Columns, pieces_of, require_settings
from hitcast.portable.graph import Graph, Piece


def standard_scaler(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Features divided by their deviation; constant ones become 0."""
    require_settings(stage, withMean=False, withStd=True)
    pieces = pieces_of(stage, columns, stage.getInputCol())
    width = len(pieces)
    deviation = stage.std.toArray()
    # Spark multiplies by the inverse; a division here would differ in the last digit.
    inverse = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation != 0)
    values = graph.node("Mul", graph.matrix(pieces), graph.row(inverse), width=width)
    return _vector(stage, values, width)


def pca(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Features to their principal components."""
    pieces = pieces_of(stage, columns, stage.getInputCol())
    components = stage.pc.toArray()
    width = components.shape[1]
    values = graph.node("MatMul", graph.matrix(pieces), graph.constant(components), width=width)
    return _vector(stage, values, width)


def vector_slicer(stage: Any, _: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Some features of a vector, by place. No node: the others are left where they are."""
    require_settings(stage, names=[])
    return _chosen(stage, columns, stage.getInputCol(), stage.getIndices())


def selector(stage: Any, _: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """The features that a fitted selector keeps."""
    return _chosen(stage, columns, stage.getFeaturesCol(), stage.selectedFeatures)


def _chosen(
    stage: Any, columns: Columns, name: str, places: Sequence[int]
) -> dict[str, list[Piece]]:
    pieces = pieces_of(stage, columns, name)
    if not len(places):
        raise ExportError(
            f"stage {stage.uid} keeps none of {len(pieces)} features. Select by a lower limit."
        )
    return {stage.getOutputCol(): [pieces[place] for place in places]}


def _vector(stage: Any, tensor: str, width: int) -> dict[str, list[Piece]]:
    return {stage.getOutputCol(): [Piece(tensor, slot) for slot in range(width)]}
