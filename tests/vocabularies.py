"""The words that small scorers know, and of which class each speaks, without Spark."""

from dataclasses import replace

import numpy as np

from hitcast.declaration.tokens import rule_of
from hitcast.portable.card import InputColumn
from hitcast.portable.graph import Graph

SPEAKS_OF = {
    "mar": 0, "barquinho": 0, "baile": 1, "coracao": 1, "louvor": 2, "gloria": 2, "viola": 3,
    "sertao": 3, "noite fria": 3,
}  # fmt: skip
"""The class of each word, by its number."""
RULE = rule_of(shortest=2, stop_words=(), ngrams=2, counts="sublinear")
TENTH = 0.1
"""What a word's class gains in log-odds for each tenth that it counts: 1 for its first time."""
SONG = "O barquinho vai no MAR,\nlouvor ao mar; noite\nfria, meu coração!"
"""Most of its words speak of the first class: three of them, once `mar` twice, against one each."""


def with_words(column: InputColumn) -> InputColumn:
    """A text as the card of a scorer has it that reads it word by word."""
    return replace(column, rule=RULE, vocabulary=tuple(SPEAKS_OF))


def log_odds(graph: Graph, column: str, classes: int) -> str:
    """Add a text's counts to a graph; returns the tensor of what they say, [N, classes]."""
    graph.counts(column, len(SPEAKS_OF))
    weights = np.zeros((len(SPEAKS_OF), classes))
    weights[np.arange(len(SPEAKS_OF)), list(SPEAKS_OF.values())] = TENTH
    return graph.node("MatMul", column, graph.constant(weights), width=classes)
