"""Export of the feature stages: indexers, imputers, encoders, assemblers, scalers, PCA.

Each function takes a fitted stage, the graph and the columns known so far, and returns the
columns that the stage adds. A NaN in the graph stands for null in Spark.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from onnx import numpy_helper

from hitcast.errors import ExportError
from hitcast.portable.graph import ML_DOMAIN, Graph, Piece

Columns = Mapping[str, list[Piece]]
FeatureExport = Callable[[Any, Graph, Columns], dict[str, list[Piece]]]


def pieces_of(stage: Any, columns: Columns, name: str) -> list[Piece]:
    """The pieces of a column that a stage reads.

    Raises:
        ExportError: if no input and no earlier stage makes the column.
    """
    if name not in columns:
        raise ExportError(
            f"stage {stage.uid} reads column {name!r}; the inputs and earlier stages make "
            f"{sorted(columns)}. Declare it as an input column."
        )
    return columns[name]


def one_piece(stage: Any, columns: Columns, name: str, text: bool | None = False) -> Piece:
    """The only piece of a scalar column; `text` says whether it has to be text (None: either)."""
    pieces = pieces_of(stage, columns, name)
    if len(pieces) != 1:
        raise ExportError(
            f"stage {stage.uid} needs a plain column; {name!r} is a vector of {len(pieces)}. "
            "Apply the stage before the columns are assembled."
        )
    if text is not None and pieces[0].text != text:
        arrived = "text" if pieces[0].text else "a number"
        raise ExportError(
            f"stage {stage.uid} needs {'text' if text else 'a number'} in {name!r}, which is "
            f"{arrived}. Index texts with a StringIndexer first."
        )
    return pieces[0]


def refuse_setting(stage: Any, setting: str, value: str, allowed: str) -> ExportError:
    """The error for a setting without an exact counterpart in a graph."""
    return ExportError(
        f"stage {stage.uid} has {setting}={value!r}; a portable scorer supports {allowed}. "
        f"Set {setting} accordingly and fit again."
    )


def column_pairs(stage: Any) -> list[tuple[str, str]]:
    """Input and output columns of a stage that takes one or several."""
    if stage.isSet("inputCols"):
        return list(zip(stage.getInputCols(), stage.getOutputCols(), strict=True))
    return [(stage.getInputCol(), stage.getOutputCol())]


def string_indexer(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Labels to their index; null and unseen labels to the index after the last."""
    if stage.getHandleInvalid() != "keep":
        raise refuse_setting(stage, "handleInvalid", stage.getHandleInvalid(), "'keep'")
    made = {}
    for (source, target), labels in zip(column_pairs(stage), stage.labelsArray, strict=True):
        piece = one_piece(stage, columns, source, text=None)
        indices = np.arange(len(labels), dtype=np.float64)
        keys: dict[str, Any] = {"keys_strings": list(labels)}
        if not piece.text:
            # Spark indexes numbers by their text; "NaN" is a null here, so it is no label.
            numbers = np.array([float(label) for label in labels])
            indices = indices[~np.isnan(numbers)]
            keys = {"keys_tensor": numpy_helper.from_array(numbers[~np.isnan(numbers)], "keys")}
        if not len(indices):
            raise ExportError(
                f"stage {stage.uid} has learnt no value of {source!r}, which was null in every "
                "row of the training. Leave the column out of the features."
            )
        unseen = np.array([len(labels)], dtype=np.float64)
        tensor = graph.node(
            "LabelEncoder",
            graph.matrix([piece]),
            width=1,
            domain=ML_DOMAIN,
            values_tensor=numpy_helper.from_array(indices, "values"),
            default_tensor=numpy_helper.from_array(unseen, "default"),
            **keys,
        )
        made[target] = [Piece(tensor, 0, categories=len(labels) + 1)]
    return made


def imputer(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Nulls (and `missingValue`) to the value learnt, all columns of the stage at once."""
    pairs = column_pairs(stage)
    pieces = [one_piece(stage, columns, source) for source, _ in pairs]
    learnt = stage.surrogateDF.select(*[f"`{source}`" for source, _ in pairs]).head()
    # Spark casts to the column's type, and a cast to int cuts off the fraction.
    fill = [math.trunc(v) if p.whole else v for p, v in zip(pieces, learnt, strict=True)]
    values = graph.matrix(pieces)
    width = len(pieces)
    missing = graph.node("IsNaN", values, width=width)
    placeholder = stage.getMissingValue()
    if not math.isnan(placeholder):
        equal = graph.node("Equal", values, graph.row([placeholder]), width=width)
        missing = graph.node("Or", missing, equal, width=width)
    filled = graph.node("Where", missing, graph.row(fill), values, width=width)
    return {target: [Piece(filled, slot)] for slot, (_, target) in enumerate(pairs)}


def one_hot_encoder(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Indices to vectors of zeros and ones."""
    keep = stage.getHandleInvalid() == "keep"
    drop = bool(stage.getDropLast())
    made = {}
    for (source, target), size in zip(column_pairs(stage), stage.categorySizes, strict=True):
        piece = one_piece(stage, columns, source)
        index = graph.matrix([piece])
        if piece.categories is None or piece.categories > size:
            if not keep:
                raise refuse_setting(stage, "handleInvalid", "error", "'keep' for plain numbers")
            index = _index_or_invalid(graph, index, size)
        width = size + int(keep) - int(drop)
        equal = graph.node("Equal", index, graph.row(np.arange(float(width))), width=width)
        ones = graph.node("Cast", equal, to=11, width=width)
        made[target] = [Piece(ones, slot, categories=2) for slot in range(width)]
    return made


def _index_or_invalid(graph: Graph, values: str, size: int) -> str:
    # Spark cuts off fractions; NaN and numbers outside take the place after the last.
    low = graph.node("GreaterOrEqual", values, graph.row([0.0]), width=1)
    high = graph.node("Less", values, graph.row([float(size)]), width=1)
    valid = graph.node("And", low, high, width=1)
    whole = graph.node("Floor", values, width=1)
    return graph.node("Where", valid, whole, graph.row([float(size)]), width=1)


def vector_assembler(stage: Any, _: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Columns side by side. No node: matrices are put together where they are used."""
    policy = stage.getHandleInvalid()
    if policy == "skip":
        raise refuse_setting(stage, "handleInvalid", policy, "'keep' and 'error'")
    pieces: list[Piece] = []
    for name in stage.getInputCols():
        column = pieces_of(stage, columns, name)
        if column[0].text:
            one_piece(stage, columns, name)
        if policy == "error" and any(piece.may_miss for piece in column):
            raise ExportError(
                f"stage {stage.uid} fails on null, which the optional column {name!r} may hold. "
                "Impute the column, or set handleInvalid='keep' where the classifier bears nulls."
            )
        pieces += column
    return {stage.getOutputCol(): pieces}
