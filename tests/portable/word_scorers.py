"""A small scorer that reads words."""

from pathlib import Path

import numpy as np

from hitcast.declaration.tokens import TokenRule, rule_of
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import save_scorer
from hitcast.portable.graph import Graph, Piece
from hitcast.portable.scorer import Scorer

WORDS = ("luz", "baile", "amor", "luz amor")
WEIGHTS = (-2.0, 1.0, 0.5, 0.25)


def rule(counts: str = "plain") -> TokenRule:
    """How its words are found."""
    return rule_of(shortest=2, stop_words=["de"], ngrams=2, counts=counts)


def words_scorer(folder: Path) -> Scorer:
    """P = sigmoid of the weights of a text's words, and a number."""
    graph = Graph()
    graph.counts("song", len(WORDS))
    pieces = [Piece("song", slot) for slot in range(len(WORDS))] + [graph.input("x", text=False)]
    weights = graph.constant(np.array([*WEIGHTS, 1.0]).reshape(-1, 1))
    margin = graph.node("MatMul", graph.matrix(pieces), weights, width=1)
    model = graph.model(graph.node("Sigmoid", margin, width=1))
    song = InputColumn("song", "text", optional=True, rule=rule(), vocabulary=WORDS)
    folder.mkdir()
    save_scorer(folder, model, Card("songs", "any", 0.5, (song, InputColumn("x", "number"))))
    return Scorer.load(folder)
