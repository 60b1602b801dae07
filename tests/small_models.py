"""Small registered models, made without Spark: a logistic curve in a portable scorer."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hitcast.declaration.fingerprint import fingerprint_of
from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.models.tracking import Tracker
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import save_scorer
from hitcast.portable.graph import Graph
from hitcast.running.home import Home
from hitcast.training.winner import input_columns

NAME = "demo"
FINGERPRINT = {
    "split": {"kind": "key", "key": "id", "salt": "a", "percent": 20},
    "label": {"column": "y", "at_least": 1.0},
    "inputs": {"x": "number"},
}


def make_scorer(
    folder: Path,
    weight: float,
    *,
    generated: bool = False,
    fingerprint: Mapping[str, Any] = FINGERPRINT,
) -> Path:
    """A scorer of one number `x`: P = sigmoid(weight * x)."""
    card = Card(
        model_name=NAME,
        family="logistic_regression",
        threshold=0.5,
        inputs=(InputColumn("x", "number"),),
        generated=generated,
        fingerprint=fingerprint,
    )
    graph = Graph()
    graph.input("x", text=False)
    margin = graph.node("Mul", "x", graph.row([weight]), width=1)
    save_scorer(folder, graph.model(graph.node("Sigmoid", margin, width=1)), card)
    return folder


def register(home: Home, weight: float, scratch: Path, *, generated: bool = False) -> int:
    """Log such a scorer and register it; returns the version's number."""
    folder = make_scorer(scratch / "scorer", weight, generated=generated)
    return register_folder(home, NAME, folder, {"x": 1.0}, generated=generated)


def register_folder(
    home: Home,
    name: str,
    folder: Path,
    example: dict[str, Any],
    *,
    generated: bool = False,
    more: Mapping[str, str] | None = None,
) -> int:
    """Log the scorer in a folder and register it under a name, with `more` tags than it needs.

    Returns:
        The version's number.
    """
    tracker = Tracker(home, name)
    tags = {
        "hitcast.generated": str(generated).lower(),
        "table_version": "0",
        "hitcast.family": "logistic_regression",
        "hitcast.parity": "0.0",
        **(more or {}),
    }
    with tracker.run("train", tags) as run_id:
        tracker.log({}, {"test_average_precision": 0.25})
        uri = tracker.log_scorer(folder, example, tags)
    return Registry(home, name, create=True).register(uri, run_id, tags)


def make_track_scorer(
    folder: Path,
    use_case: UseCase,
    bias: float,
    genres: tuple[str, ...] = ("pop",),
    *,
    generated: bool = False,
    by: str = "energy",
    weight: float = 1.0,
) -> Path:
    """A scorer with a use case's inputs: P = sigmoid(bias + weight * energy), or of another."""
    inputs = tuple(
        replace(column, values=genres) if column.kind == "text" else column
        for column in input_columns(use_case.features, {"tempo": (60.0, 180.0)})
    )
    graph = Graph()
    for column in inputs:
        graph.input(column.name, text=column.kind == "text")
    weighted = graph.node("Mul", by, graph.row([weight]), width=1)
    margin = graph.node("Add", weighted, graph.row([bias]), width=1)
    card = Card(
        use_case.name, "logistic_regression", 0.5, inputs,
        output=use_case.label.output, classes=use_case.label.names, generated=generated,
        fingerprint=fingerprint_of(use_case),
    )  # fmt: skip
    save_scorer(folder, graph.model(graph.node("Sigmoid", margin, width=1)), card)
    return folder
