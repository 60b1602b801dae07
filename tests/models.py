"""Small registered models, made without Spark: a logistic curve in a portable scorer."""

from pathlib import Path

from hitcast.home import Home
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import save_scorer
from hitcast.portable.graph import Graph
from hitcast.registry import Registry
from hitcast.tracking import Tracker

NAME = "demo"


def make_scorer(folder: Path, weight: float, *, generated: bool = False) -> Path:
    """A scorer of one number `x`: P = sigmoid(weight * x)."""
    card = Card(
        model_name=NAME,
        family="logistic_regression",
        threshold=0.5,
        inputs=(InputColumn("x", "number"),),
        generated=generated,
    )
    graph = Graph()
    graph.input("x", text=False, may_miss=False)
    margin = graph.node("Mul", "x", graph.row([weight]), width=1)
    save_scorer(folder, graph.model(graph.node("Sigmoid", margin, width=1)), card)
    return folder


def register(home: Home, weight: float, scratch: Path, *, generated: bool = False) -> int:
    """Log such a scorer and register it; returns the version's number."""
    tracker = Tracker(home, NAME)
    tags = {"hitcast.generated": str(generated).lower(), "table_version": "0"}
    with tracker.run("train", tags) as run_id:
        folder = make_scorer(scratch / "scorer", weight, generated=generated)
        uri = tracker.log_scorer(folder, {"x": 1.0}, tags)
    return Registry(home, NAME, create=True).register(uri, run_id, tags)
