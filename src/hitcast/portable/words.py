"""Export of what counts words: the vocabulary, how rare each word is, the length of 1.

A text of words comes into the graph as a matrix of what its words count, which the scorer makes by
the rule and the vocabulary that stand on the card.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import onnx
from pyspark.ml import PipelineModel

from hitcast.declaration.tokens import TokenRule
from hitcast.errors import ExportError
from hitcast.features.computed import computed_of
from hitcast.features.words import counted_words
from hitcast.portable.features import Columns, pieces_of, require_settings
from hitcast.portable.graph import Graph, Piece

TOLD = "hitcast.words"
"""The graph's property that holds rules and vocabularies."""


@dataclass(frozen=True)
class Words:
    """What the words of a text are, and how they are found.

    Attributes:
        rule: How they are found and counted.
        vocabulary: Those that some model knows, in the order of the columns of their counts.
    """

    rule: TokenRule
    vocabulary: tuple[str, ...]


def words_of(models: Sequence[PipelineModel]) -> dict[str, Words]:
    """The words that pipelines know, by the text's column; all that any of them knows.

    Raises:
        ExportError: if two pipelines read one text by different rules.
    """
    found: dict[str, Words] = {}
    for stages in (model.stages for model in models):
        known = counted_words(stages)
        for made, column, rule in _rules(stages):
            before = found.get(column, Words(rule, ()))
            if before.rule != rule:
                raise ExportError(
                    f"the text {column!r} is read by two rules, and a portable scorer has one. "
                    "Fit the classifiers on words that are found alike."
                )
            words = dict.fromkeys((*before.vocabulary, *known.get(made, ())))
            found[column] = Words(rule, tuple(words))
    return found


def _rules(stages: Sequence[Any]) -> list[tuple[str, str, TokenRule]]:
    """The columns of words that statements make, each with its text and its rule."""
    statements = [s.getStatement() for s in stages if type(s).__name__ == "SQLTransformer"]
    made = [column for told in statements for column in computed_of(told) or []]
    return [(c.name, c.of[0], c.rule) for c in made if c.rule is not None]


def counts_of(graph: Graph, column: str, words: Words) -> list[Piece]:
    """Add the input of what a text's words count, [N, words]: a piece for each word."""
    graph.counts(column, len(words.vocabulary))
    return [Piece(column, slot, word=word) for slot, word in enumerate(words.vocabulary)]


def count_vectorizer(stage: Any, _: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """The words that a stage has learnt, of all that there are. No node."""
    require_settings(stage, binary=False, minTF=1.0)
    pieces = {piece.word: piece for piece in pieces_of(stage, columns, stage.getInputCol())}
    return {stage.getOutputCol(): [pieces[word] for word in stage.vocabulary]}


def idf(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Counts times how rare each word is."""
    pieces = pieces_of(stage, columns, stage.getInputCol())
    width = len(pieces)
    values = graph.node("Mul", graph.matrix(pieces), graph.row(stage.idf.toArray()), width=width)
    return {stage.getOutputCol(): [Piece(values, slot) for slot in range(width)]}


def normalizer(stage: Any, graph: Graph, columns: Columns) -> dict[str, list[Piece]]:
    """Vectors over their length; one of zeros stays as it is."""
    require_settings(stage, p=2.0)
    pieces = pieces_of(stage, columns, stage.getInputCol())
    width, values = len(pieces), graph.matrix(pieces)
    axes = graph.constant(np.array([1], dtype=np.int64))
    squares = graph.node("Mul", values, values, width=width)
    length = graph.node("Sqrt", graph.node("ReduceSum", squares, axes, width=1), width=1)
    nothing = graph.node("Equal", length, graph.row([0.0]), width=1)
    whole = graph.node("Where", nothing, graph.row([1.0]), length, width=1)
    scaled = graph.node("Div", values, whole, width=width)
    return {stage.getOutputCol(): [Piece(scaled, slot) for slot in range(width)]}


def write_words(model: onnx.ModelProto, words: Mapping[str, Words]) -> None:
    """Keep rules and vocabularies with the graph."""
    if words:
        told = json.dumps({column: asdict(held) for column, held in words.items()})
        model.metadata_props.add(key=TOLD, value=told)


def take_words(model: onnx.ModelProto) -> dict[str, Words]:
    """What `write_words` has written, which the graph holds no longer: it goes to the card."""
    found = [told for told in model.metadata_props if told.key == TOLD]
    for told in found:
        model.metadata_props.remove(told)
    held = json.loads(found[0].value) if found else {}
    return {
        column: Words(TokenRule.from_json(of["rule"]), tuple(of["vocabulary"]))
        for column, of in held.items()
    }
