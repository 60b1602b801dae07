"""Export of the feature stages: indexers, imputers, encoders, assemblers.

Each function takes a fitted stage, the graph and the columns known so far, and returns the
columns that the stage adds. A NaN in the graph stands for null in Spark. Exported is what
`hitcast.features.stages` builds; other settings are refused.
"""

from collections.abc import Callable, Mapping, Sequence
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


def one_piece(stage: Any, columns: Columns, name: str, *, text: bool | None = False) -> Piece:
    """The only piece of a scalar column; `text` says whether it is text; None: it may be both."""
    pieces = pieces_of(stage, columns, name)
    if len(pieces) != 1:
        raise ExportError(
            f"stage {stage.uid} needs a plain column; {name!r} is a vector of {len(pieces)}. "
            "Apply the stage before the columns are assembled."
        )
    if text is not None and pieces[0].text != text:
        expected, arrived = ("text", "a number") if text else ("a number", "text")
        raise ExportError(
            f"stage {stage.uid} needs {expected} in {name!r}, which is {arrived}. Index texts, "
            "and nothing else, with a StringIndexer."
        )
    return pieces[0]


def require_settings(stage: Any, **allowed: Any) -> None:
    """Refuse a stage whose settings are not those that the graph reproduces.

    Raises:
        ExportError: names the first setting that differs.
    """
    for setting, value in allowed.items():
        arrived = stage.getOrDefault(setting)
        # Compared as text, because NaN is not equal to itself.
        if repr(arrived) != repr(value):
            raise ExportError(
                f"stage {stage.uid} has {setting}={arrived!r}; a portable scorer supports "
                f"{value!r}. Set {setting} accordingly and fit again."
            )


def column_pairs(stage: Any) -> list[tuple[str, str]]:
    """Input and output columns of a stage.

    Raises:
        ExportError: if it takes one column by `inputCol`.
    """
    if not stage.isSet("inputCols"):
        raise ExportError(
            f"stage {stage.uid} has inputCol; a portable scorer supports inputCols. Name the "
            "columns by inputCols and outputCols."
        )
    return list(zip(stage.getInputCols(), stage.getOutputCols(), strict=True))


def string_indexer(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Labels to their index; null and unseen labels to the index after the last.

    Spark writes numbers as texts and indexes those; the graph looks the numbers themselves up.
    """
    require_settings(stage, handleInvalid="keep")
    made = {}
    for (source, target), labels in zip(column_pairs(stage), stage.labelsArray, strict=True):
        piece = one_piece(stage, columns, source, text=None)
        if not len(labels):
            raise ExportError(
                f"stage {stage.uid} has learnt no value of {source!r}, which was null in every "
                "row of the training. Leave the column out of the features."
            )
        known = labels if piece.text else _numbers(stage, source, labels)
        tensor = look_up(graph, piece, known, range(len(labels)), len(labels))
        made[target] = [Piece(tensor, 0, categories=len(labels) + 1)]
    return made


def look_up(
    graph: Graph,
    piece: Piece,
    known: Sequence[Any],
    answers: Sequence[float],
    other: float,
) -> str:
    """Add the node that has an answer for each known text or number, and one for all others."""
    keys: dict[str, Any] = {"keys_strings": list(known)}
    if not piece.text:
        keys = {"keys_tensor": numpy_helper.from_array(np.array(known, dtype=np.float64), "keys")}
    return graph.node(
        "LabelEncoder",
        graph.matrix([piece]),
        width=1,
        domain=ML_DOMAIN,
        **keys,
        values_tensor=numpy_helper.from_array(np.array(answers, dtype=np.float64), "values"),
        default_tensor=numpy_helper.from_array(np.array([other], dtype=np.float64), "default"),
    )


def _numbers(stage: Any, source: str, labels: Sequence[str]) -> list[float]:
    """The numbers that labels are written of."""
    numbers = [float(label) for label in labels]
    if len(set(numbers)) < len(numbers) or not np.isfinite(numbers).all():
        raise ExportError(
            f"stage {stage.uid} has learnt {list(labels)} of the number {source!r}, of which two "
            "are one number, or one is none. Index whole numbers."
        )
    return numbers


def imputer(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Nulls to the median learnt, all columns of the stage at once."""
    # Spark's median is one of the column's values, so that whole numbers stay whole.
    require_settings(stage, strategy="median", missingValue=float("nan"))
    pairs = column_pairs(stage)
    values = graph.matrix([one_piece(stage, columns, source) for source, _ in pairs])
    medians = stage.surrogateDF.select(*[f"`{source}`" for source, _ in pairs]).head()
    width = len(pairs)
    missing = graph.node("IsNaN", values, width=width)
    filled = graph.node("Where", missing, graph.row(list(medians)), values, width=width)
    return {target: [Piece(filled, slot)] for slot, (_, target) in enumerate(pairs)}


def one_hot_encoder(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Indices to vectors of zeros and ones; the last index to zeros alone."""
    require_settings(stage, handleInvalid="error", dropLast=True)
    made = {}
    for (source, target), size in zip(column_pairs(stage), stage.categorySizes, strict=True):
        piece = one_piece(stage, columns, source)
        if piece.categories != size:
            raise ExportError(
                f"stage {stage.uid} fails on numbers that it has not learnt, which {source!r} may "
                "hold. Encode the index that a StringIndexer made of a text."
            )
        width = size - 1
        places = graph.row(np.arange(float(width)))
        equal = graph.node("Equal", graph.matrix([piece]), places, width=width)
        ones = graph.node("Cast", equal, to=11, width=width)
        made[target] = [Piece(ones, slot, categories=2) for slot in range(width)]
    return made


def vector_assembler(stage: Any, _: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Columns side by side. No node: matrices are put together where they are used."""
    require_settings(stage, handleInvalid="keep")
    pieces: list[Piece] = []
    for name in stage.getInputCols():
        column = pieces_of(stage, columns, name)
        if column[0].text:
            one_piece(stage, columns, name)
        pieces += column
    return {stage.getOutputCol(): pieces}
