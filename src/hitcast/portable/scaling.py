"""Export of the stages that turn one feature vector into another: scalers and PCA."""

from typing import Any

import numpy as np

from hitcast.portable.features import Columns, pieces_of
from hitcast.portable.graph import Graph, Piece


def _vector(stage: Any, tensor: str, width: int, like: list[Piece]) -> dict[str, list[Piece]]:
    missing = any(piece.may_miss for piece in like)
    return {stage.getOutputCol(): [Piece(tensor, i, may_miss=missing) for i in range(width)]}


def standard_scaler(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Features minus their mean, divided by their deviation; constant ones become 0."""
    pieces = pieces_of(stage, columns, stage.getInputCol())
    values = graph.matrix(pieces)
    width = len(pieces)
    if stage.getWithMean():
        values = graph.node("Sub", values, graph.row(stage.mean.toArray()), width=width)
    if stage.getWithStd():
        deviation = stage.std.toArray()
        # Spark multiplies by the inverse; a division here would differ in the last digit.
        inverse = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation != 0)
        values = graph.node("Mul", values, graph.row(inverse), width=width)
    return _vector(stage, values, width, pieces)


def min_max_scaler(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Features to a common range; constant ones to its middle."""
    pieces = pieces_of(stage, columns, stage.getInputCol())
    width = len(pieces)
    low, high = stage.getMin(), stage.getMax()
    minimum = stage.originalMin.toArray()
    span = stage.originalMax.toArray() - minimum
    scale = np.divide(high - low, span, out=np.zeros_like(span), where=span != 0)
    base = np.where(span != 0, low, (low + high) / 2)
    values = graph.node("Sub", graph.matrix(pieces), graph.row(minimum), width=width)
    values = graph.node("Mul", values, graph.row(scale), width=width)
    values = graph.node("Add", values, graph.row(base), width=width)
    return _vector(stage, values, width, pieces)


def pca(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Features to their principal components."""
    pieces = pieces_of(stage, columns, stage.getInputCol())
    components = stage.pc.toArray()
    width = components.shape[1]
    values = graph.node("MatMul", graph.matrix(pieces), graph.constant(components), width=width)
    return _vector(stage, values, width, pieces)
