"""A small builder of ONNX graphs whose tensors are matrices of doubles, one row a sample.

Columns of a Spark frame become lists of `Piece`: each piece points at one column of one tensor.
Matrices are put together only where a step needs them, so that a pipeline of many columns stays
a graph of few nodes: at one row, the number of nodes is what costs time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 21
ML_OPSET = 5
IR_VERSION = 10
ML_DOMAIN = "ai.onnx.ml"
OUTPUT = "probability"


@dataclass(frozen=True)
class Piece:
    """One scalar of a Spark column: a column of a tensor.

    Attributes:
        tensor: Name of a tensor of shape [N, width], or of a text input [N, 1].
        slot: Column of the tensor.
        text: Whether the tensor holds strings.
        categories: Where it is an index: every value is a whole number below this; else None.
        word: Where it is what a word counts: that word.
    """

    tensor: str
    slot: int
    text: bool = False
    categories: int | None = None
    word: str | None = None


@dataclass
class Graph:
    """Nodes, inputs and constants of a graph that grows."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    widths: dict[str, int] = field(default_factory=dict)

    def input(self, name: str, *, text: bool) -> Piece:
        """Add an input of shape [N, 1] and return its only column."""
        kind = TensorProto.STRING if text else TensorProto.DOUBLE
        self.inputs.append(helper.make_tensor_value_info(name, kind, ["N", 1]))
        self.widths[name] = 1
        return Piece(name, 0, text=text)

    def counts(self, name: str, width: int) -> None:
        """Add an input of so many numbers a row, such as how often words occur."""
        shape = ["N", width]
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.DOUBLE, shape))
        self.widths[name] = width

    def constant(self, values: NDArray[Any]) -> str:
        """Add a constant and return its name."""
        name = f"constant:{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def row(self, values: Sequence[float] | NDArray[np.float64]) -> str:
        """Add a constant of one row of doubles, which meets every sample."""
        return self.constant(np.asarray(values, dtype=np.float64).reshape(1, -1))

    def node(
        self, operator: str, *inputs: str, width: int, domain: str = "", **attributes: Any
    ) -> str:
        """Add a node with one output of `width` columns and return the output's name."""
        output = f"tensor:{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, list(inputs), [output], domain=domain, **attributes)
        )
        self.widths[output] = width
        return output

    def matrix(self, pieces: Sequence[Piece]) -> str:
        """Return the tensor whose columns are `pieces`, with at most two nodes more."""
        tensors = list(dict.fromkeys(piece.tensor for piece in pieces))
        starts: dict[str, int] = {}
        total = 0
        for tensor in tensors:
            starts[tensor] = total
            total += self.widths[tensor]
        whole = tensors[0]
        if len(tensors) > 1:
            whole = self.node("Concat", *tensors, axis=1, width=total)
        wanted = [starts[piece.tensor] + piece.slot for piece in pieces]
        if wanted == list(range(total)):
            return whole
        indices = self.constant(np.array(wanted, dtype=np.int64))
        return self.node("Gather", whole, indices, axis=1, width=len(pieces))

    def model(self, result: str) -> onnx.ModelProto:
        """Close the graph: `result`, of shape [N, 1], becomes the output [N]; a wider one stays."""
        width = self.widths[result]
        shape: list[str | int] = ["N"] if width == 1 else ["N", width]
        if width == 1:
            axes = self.constant(np.array([1], dtype=np.int64))
            self.nodes.append(helper.make_node("Squeeze", [result, axes], [OUTPUT]))
        else:
            self.nodes.append(helper.make_node("Identity", [result], [OUTPUT]))
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, shape)
        graph = helper.make_graph(
            self.nodes, "hitcast", self.inputs, [output], initializer=self.constants
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML_DOMAIN, ML_OPSET)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="hitcast"
        )
        onnx.checker.check_model(model)
        return model
