"""Export of logistic regression."""

from typing import Any

import numpy as np

from hitcast.errors import ExportError
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
