"""Export of weighted sums: logistic regression, and the blend of several classifiers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hitcast.errors import ExportError
from hitcast.portable.blend import SURE, Blend
from hitcast.portable.graph import Graph, Piece


def logistic_regression(stage: Any, graph: Graph, features: list[Piece]) -> str:
    """P(label = 1) of a logistic regression: sigmoid of the weighted sum.

    The multinomial family has weights for both classes; their difference is the same model.
    """
    weights = stage.coefficientMatrix.toArray()
    intercepts = stage.interceptVector.toArray()
    if weights.shape[0] == 2:
        weights, intercepts = np.diff(weights, axis=0), np.diff(intercepts)
    if weights.shape[0] != 1:
        raise ExportError(
            f"stage {stage.uid} tells {weights.shape[0]} classes apart; a portable scorer "
            "supports two. Train on a label of 0 and 1."
        )
    product = graph.node(
        "MatMul", graph.matrix(features), graph.constant(weights.T.astype(np.float64)), width=1
    )
    margin = graph.node("Add", product, graph.row(intercepts), width=1)
    return graph.node("Sigmoid", margin, width=1)


def blend_probabilities(graph: Graph, members: Sequence[str], blend: Blend) -> str:
    """P(label = 1) of a blend; the members' probabilities and the answer are of shape [N, 1]."""
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
