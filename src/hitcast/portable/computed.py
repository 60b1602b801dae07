"""Export of computed columns: a statement that `hitcast.features.computed` has made."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hitcast.errors import ExportError
from hitcast.features.computed import DAY, HOUR, LAST_HOUR, Computed, computed_of
from hitcast.portable.features import Columns, look_up, one_piece, pieces_of
from hitcast.portable.graph import Graph, Piece


def sql_transformer(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """The columns that a statement adds, all of one kind at once."""
    found = computed_of(stage.getStatement())
    if found is None:
        raise ExportError(
            f"stage {stage.uid} has a statement of its own; a portable scorer supports what "
            "derive and transform in conf/ make. Declare the columns there."
        )
    made: dict[str, list[Piece]] = {}
    for how in dict.fromkeys(column.how for column in found):
        group = [column for column in found if column.how == how]
        if how == "words":
            # They are found and counted before the graph: what it gets are the counts.
            made |= {c.name: pieces_of(stage, columns, c.of[0]) for c in group}
            continue
        if how == "frequency":
            made |= {c.name: [_frequency(stage, graph, columns, c)] for c in group}
            continue
        sources = [
            graph.matrix([one_piece(stage, columns, c.of[place]) for c in group])
            for place in range(len(group[0].of))
        ]
        tensor = WAYS[how](graph, sources, group)
        made |= {column.name: [Piece(tensor, slot)] for slot, column in enumerate(group)}
    return made


def _ratio(graph: Graph, sources: Sequence[str], group: Sequence[Computed]) -> str:
    width = len(group)
    is_zero = graph.node("Equal", sources[1], graph.row([0.0]), width=width)
    below = graph.node("Where", is_zero, graph.row([np.nan]), sources[1], width=width)
    return graph.node("Div", sources[0], below, width=width)


def _difference(graph: Graph, sources: Sequence[str], group: Sequence[Computed]) -> str:
    return graph.node("Sub", *sources, width=len(group))


def _hour_of_day(graph: Graph, sources: Sequence[str], group: Sequence[Computed]) -> str:
    (seconds,), width = sources, len(group)
    day = graph.row([DAY])
    days = graph.node("Floor", graph.node("Div", seconds, day, width=width), width=width)
    before = graph.node("Mul", days, day, width=width)
    of_day = graph.node("Sub", seconds, before, width=width)
    hours = graph.node("Div", of_day, graph.row([HOUR]), width=width)
    whole = graph.node("Floor", hours, width=width)
    return graph.node("Min", whole, graph.row([LAST_HOUR]), width=width)


def _log1p(graph: Graph, sources: Sequence[str], group: Sequence[Computed]) -> str:
    (values,), width = sources, len(group)
    size = graph.node("Abs", values, width=width)
    log = graph.node("Log", graph.node("Add", size, graph.row([1.0]), width=width), width=width)
    return graph.node("Mul", graph.node("Sign", values, width=width), log, width=width)


def _hinge(graph: Graph, sources: Sequence[str], group: Sequence[Computed]) -> str:
    (values,), width = sources, len(group)
    above = graph.node("Sub", values, graph.row([c.knot for c in group]), width=width)
    return graph.node("Max", above, graph.row([0.0]), width=width)


WAYS: dict[str, Callable[[Graph, Sequence[str], Sequence[Computed]], str]] = {
    "ratio": _ratio,
    "difference": _difference,
    "hour_of_day": _hour_of_day,
    "log1p": _log1p,
    "hinge": _hinge,
}


def _frequency(stage: Any, graph: Graph, columns: Columns, column: Computed) -> Piece:
    piece = one_piece(stage, columns, column.of[0], text=None)
    values = [value for value, _ in column.shares]
    if not values:
        raise ExportError(
            f"stage {stage.uid} has learnt no value of {column.of[0]!r}, which was null in every "
            f"row of the training. Leave {column.name!r} out of derive."
        )
    tensor = look_up(graph, piece, values, [share for _, share in column.shares], 0.0)
    return Piece(tensor, 0)
