"""Export of naive Bayes, Gaussian and multinomial."""

from typing import Any

import numpy as np

from hitcast.declaration.candidates import BAYES_TYPES
from hitcast.errors import ExportError
from hitcast.portable.graph import Graph, Piece
from hitcast.portable.linear import link


def naive_bayes(stage: Any, graph: Graph, features: list[Piece]) -> str:
    """P(label = 1) of a `NaiveBayesModel`, or of each class: softmax of the joint log-likelihoods.

    Raises:
        ExportError: if it is of another kind.
    """
    kind = stage.getOrDefault("modelType")
    if kind not in BAYES_TYPES:
        raise ExportError(
            f"stage {stage.uid} has modelType={kind!r}; a portable scorer supports "
            f"{' and '.join(BAYES_TYPES)}. Train with one of them."
        )
    priors, theta = stage.pi.toArray(), stage.theta.toArray()
    matrix = graph.matrix(features)
    add = _gaussian if kind == "gaussian" else _multinomial
    margin = add(stage, graph, matrix, theta, priors)
    classes = len(priors)
    if classes > 2:
        return link(graph, margin, classes)
    # The second class against the first.
    difference = graph.node("MatMul", margin, graph.constant(np.array([[-1.0], [1.0]])), width=1)
    return link(graph, difference, 1)


def _multinomial(
    stage: Any,  # noqa: ARG001
    graph: Graph,
    matrix: str,
    theta: Any,
    priors: Any,
) -> str:
    """Counts times logs of shares, of all classes at once."""
    width = len(priors)
    product = graph.node("MatMul", matrix, graph.constant(theta.T.copy()), width=width)
    return graph.node("Add", product, graph.row(priors), width=width)


def _gaussian(stage: Any, graph: Graph, matrix: str, theta: Any, priors: Any) -> str:
    """Squares of distances from the means, class by class: expanded they would lose digits."""
    variances = stage.sigma.toArray()
    sums = []
    for mean, variance in zip(theta, variances, strict=True):
        apart = graph.node("Sub", matrix, graph.row(mean), width=len(mean))
        squares = graph.node("Mul", apart, apart, width=len(mean))
        weights = graph.constant((-0.5 / variance).reshape(-1, 1))
        sums.append(graph.node("MatMul", squares, weights, width=1))
    width = len(priors)
    whole = graph.node("Concat", *sums, axis=1, width=width)
    constants = priors - 0.5 * np.log(2 * np.pi * variances).sum(axis=1)
    return graph.node("Add", whole, graph.row(constants), width=width)
