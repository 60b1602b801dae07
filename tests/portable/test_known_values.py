"""What a saved scorer's card says of the values that its graph knows."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx

from hitcast.features.computed import Computed, statement_of
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.computed import sql_transformer
from hitcast.portable.export import known_codes, known_values, save_scorer
from hitcast.portable.features import Columns, string_indexer
from hitcast.portable.graph import Graph, Piece

FREQUENT = [
    Computed("often", "frequency", ("name",), shares=(("(missing)", 0.5), ("Ann", 0.25))),
    Computed("alone", "frequency", ("shop",), shares=(("corner", 1.0),)),
    Computed("coded", "frequency", ("code",), shares=((7, 0.75), (3, 0.25))),
]


def graph_of(indexed: dict[str, list[str]]) -> onnx.ModelProto:
    """A graph of three frequencies and of some columns' indices."""
    graph = Graph()
    columns: dict[str, list[Piece]] = {
        name: [graph.input(name, text=name != "code")] for name in ("name", "shop", "code")
    }
    # No session: nothing is fitted here.
    statement: Any = SimpleNamespace(uid="s", getStatement=lambda: statement_of(FREQUENT))
    made: Columns = sql_transformer(statement, graph, columns)
    pieces = [piece for column in made.values() for piece in column]
    for name, labels in indexed.items():
        stage = SimpleNamespace(
            uid="i",
            labelsArray=[labels],
            isSet=lambda _: True,
            getInputCols=lambda name=name: [name],
            getOutputCols=lambda: ["place"],
            getOrDefault=lambda _: "keep",
        )
        pieces += string_indexer(stage, graph, columns)["place"]
    total = graph.node(
        "MatMul", graph.matrix(pieces), graph.constant(np.ones((len(pieces), 1))), width=1
    )
    return graph.model(total)


def test_what_a_frequency_has_learnt_is_no_known_value_of_its_column() -> None:
    model = graph_of({})
    assert (known_values(model), known_codes(model)) == ({}, {})


def test_a_column_with_an_index_and_a_frequency_has_the_index_s_values() -> None:
    model = graph_of({"name": ["Ann", "Bob", "Cy"], "code": ["3", "9"]})
    assert known_values(model) == {"name": ("Ann", "Bob", "Cy")}
    assert known_codes(model) == {"code": (3, 9)}


def test_the_text_for_null_is_none_that_has_a_frequency(tmp_path: Path) -> None:
    inputs = tuple(InputColumn(n, "text", optional=True) for n in ("name", "shop"))
    card = save_scorer(tmp_path, graph_of({}), Card("m", "blend", 0.5, inputs))
    assert card.missing_text == "((missing))"
    assert [column.values for column in card.inputs] == [(), ()]
