"""Export of weighted sums: logistic regression, and the blend of several classifiers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hitcast.portable.blend import SURE, Blend
from hitcast.portable.graph import Graph, Piece


def logistic_regression(stage: Any, graph: Graph, features: list[Piece]) -> str:
    """P(label = 1) of a logistic regression, or of each class: a link of weighted sums.

    The multinomial family has weights for both classes of two; their difference is the same model.
    """
    weights = stage.coefficientMatrix.toArray()
    intercepts = stage.interceptVector.toArray()
    if weights.shape[0] == 2:
        weights, intercepts = np.diff(weights, axis=0), np.diff(intercepts)
    width = weights.shape[0]
    product = graph.node(
        "MatMul", graph.matrix(features), graph.constant(weights.T.astype(np.float64)), width=width
    )
    margin = graph.node("Add", product, graph.row(intercepts), width=width)
    return link(graph, margin, width)


def link(graph: Graph, margin: str, width: int) -> str:
    """Probabilities of margins: of the positive class by one, of each class by as many."""
    if width == 1:
        return graph.node("Sigmoid", margin, width=1)
    return graph.node("Softmax", margin, axis=1, width=width)


def blend_probabilities(
    graph: Graph, members: Sequence[str], blend: Blend, classes: int = 2
) -> str:
    """Probabilities of a blend, [N, 1] of two classes or [N, classes], as the members' are."""
    if classes > 2:
        return _blend_of_classes(graph, members, blend, classes)
    width = len(members)
    whole = members[0] if width == 1 else graph.node("Concat", *members, axis=1, width=width)
    ends = [graph.constant(np.array(end)) for end in (SURE, 1.0 - SURE)]
    held = graph.node("Clip", whole, *ends, width=width)
    other = graph.node("Sub", graph.row([1.0]), held, width=width)
    logs = [graph.node("Log", tensor, width=width) for tensor in (held, other)]
    odds = graph.node("Sub", *logs, width=width)
    weights = graph.constant(np.array(blend.weights, dtype=np.float64).reshape(-1, 1))
    margin = graph.node("MatMul", odds, weights, width=1)
    return graph.node(
        "Sigmoid", graph.node("Add", margin, graph.row([blend.intercept]), width=1), width=1
    )


def _blend_of_classes(graph: Graph, members: Sequence[str], blend: Blend, classes: int) -> str:
    # Logs against those of the first class, one more softmax: what the others would add is the
    # same for all classes, so that it need not be taken off.
    ends = [graph.constant(np.array(end)) for end in (SURE, 1.0 - SURE)]
    margin = graph.row([0.0, *blend.intercepts])
    for member, weight in zip(members, blend.weights, strict=True):
        held = graph.node("Clip", member, *ends, width=classes)
        logs = graph.node("Log", held, width=classes)
        weighted = graph.node("Mul", logs, graph.row([weight]), width=classes)
        margin = graph.node("Add", weighted, margin, width=classes)
    return link(graph, margin, classes)
