import numpy as np
import pytest

from hitcast.portable.graph import Graph, Piece
from tests.portable.graphs import answers

ROWS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1], [1, 1, 0]])
def test_a_matrix_has_the_pieces_in_the_order_asked_for(order: list[int]) -> None:
    graph = Graph()
    inputs = [graph.input(name, text=False) for name in "abc"]
    matrix = graph.matrix([inputs[i] for i in order])
    weights = np.array([100.0, 10.0, 1.0])[: len(order)]
    result = graph.node("MatMul", matrix, graph.constant(weights.reshape(-1, 1)), width=1)
    feeds = {name: ROWS[:, [i]] for i, name in enumerate("abc")}
    np.testing.assert_array_equal(answers(graph, result, feeds), ROWS[:, order] @ weights)


def test_a_tensor_as_it_stands_costs_no_node() -> None:
    graph = Graph()
    first, second = (graph.input(name, text=False) for name in "ab")
    matrix = graph.matrix([first, second])
    nodes = len(graph.nodes)
    assert graph.matrix([Piece(matrix, 0), Piece(matrix, 1)]) == matrix
    assert graph.matrix([first]) == "a"
    assert len(graph.nodes) == nodes == 1


def test_an_input_that_nothing_uses_stays_an_input() -> None:
    graph = Graph()
    graph.input("unused", text=True)
    used = graph.input("used", text=False)
    model = graph.model(graph.matrix([used]))
    assert [value.name for value in model.graph.input] == ["unused", "used"]
    assert (model.ir_version, [(o.domain, o.version) for o in model.opset_import]) == (
        10,
        [("", 21), ("ai.onnx.ml", 5)],
    )
