"""Graphs and scorers made by hand, for tests that need no Spark."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import save_scorer
from hitcast.portable.graph import ML_DOMAIN, Graph, Piece
from hitcast.portable.scorer import Scorer
from hitcast.portable.tree_ensemble import Aggregate, Tree, add_tree_ensemble

COLUMNS = (
    InputColumn("colour", "text", optional=True),
    InputColumn("size", "number"),
    InputColumn("weight", "number", optional=True),
)


def answers(graph: Graph, result: str, feeds: dict[str, Any]) -> NDArray[np.float64]:
    """Run a graph whose result is `result`."""
    session = ort.InferenceSession(graph.model(result).SerializeToString())
    found: NDArray[np.float64] = session.run(None, feeds)[0]
    return found


def values_of(graph: Graph, pieces: Sequence[Piece], feeds: dict[str, Any]) -> NDArray[np.float64]:
    """The matrix of some pieces of a graph."""
    matrix = graph.matrix(pieces)
    output = helper.make_tensor_value_info(matrix, TensorProto.DOUBLE, ["N", len(pieces)])
    model = graph.model(graph.matrix(pieces[:1]))
    model.graph.output.append(output)
    session = ort.InferenceSession(model.SerializeToString())
    found: NDArray[np.float64] = session.run([matrix], feeds)[0]
    return found


def run_trees(
    trees: Sequence[Tree], rows: NDArray[np.float64], aggregate: Aggregate = Aggregate.SUM
) -> NDArray[np.float64]:
    """Answers of trees over a matrix of features."""
    graph = Graph()
    pieces = [graph.input(f"f{i}", text=False) for i in range(rows.shape[1])]
    result = add_tree_ensemble(graph, graph.matrix(pieces), trees, aggregate)
    return answers(graph, result, {f"f{i}": rows[:, [i]] for i in range(rows.shape[1])})


def small_scorer(folder: Path, inputs: Sequence[InputColumn] = COLUMNS) -> Scorer:
    """P = sigmoid(size + 10 · index of colour), with red 0, green 1 and 2 for all others.

    Where `weight` is NaN it counts as 0, else as itself.
    """
    graph = Graph()
    pieces = {c.name: graph.input(c.name, text=c.kind == "text") for c in inputs}
    index = graph.node(
        "LabelEncoder",
        pieces["colour"].tensor,
        width=1,
        domain=ML_DOMAIN,
        keys_strings=["red", "green"],
        values_tensor=numpy_helper.from_array(np.array([0.0, 1.0])),
        default_tensor=numpy_helper.from_array(np.array([2.0])),
    )
    index = graph.node("Mul", index, graph.row([10.0]), width=1)
    weight = pieces["weight"].tensor
    missing = graph.node("IsNaN", weight, width=1)
    weight = graph.node("Where", missing, graph.row([0.0]), weight, width=1)
    total = graph.node("Add", index, pieces["size"].tensor, width=1)
    result = graph.node("Sigmoid", graph.node("Add", total, weight, width=1), width=1)
    save_scorer(
        folder, graph.model(result), Card("paint", "any", 0.5, tuple(inputs), output="popular")
    )
    return Scorer.load(folder)
