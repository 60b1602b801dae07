"""A made-up use case with five named classes, and small scorers for any use case, without Spark."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from hitcast.declaration.fingerprint import fingerprint_of
from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import save_scorer
from hitcast.portable.graph import Graph
from hitcast.portable.insights import Insights, Profile
from hitcast.training.winner import input_columns
from tests.small_models import make_track_scorer
from tests.vocabularies import log_odds, with_words

DECLARATION = """
name: seeds
title: Kinds of seeds
entity: ear of wheat
source: {}
key: {hash: all}
label:
  column: species
  classes: [Emmer, Spelt, Einkorn, Durum "hard", Khorasan]
  output: kind
words: {many: ears of wheat, icon: grain}
split: {salt: seeds-1, test_percent: 20}
columns:
  length: {role: feature, type: number, required: true, unit: mm, meaning: Length of a grain}
  breadth: {role: feature, type: number, required: true, unit: mm, meaning: Breadth of a grain}
  grains: {role: feature, type: integer, required: true, meaning: Grains of the ear}
  shine: {role: feature, type: number, required: true, meaning: How much a grain shines}
  grower:
    {role: feature, type: text, required: true, private: true, meaning: Whose field it is from}
  season:
    role: feature
    type: category
    required: true
    minimum: 0
    maximum: 2
    meaning: When it was sown
    names: {0: autumn, 1: winter, 2: spring}
  species: {role: label, type: text, required: true, meaning: The kind of wheat}
training: {metric: macro_f1, folds: 2, search: grid, trials: 1, tuning_rows: 100, partitions: 1}
candidates: {random_forest: {encoding: indexed}}
"""
GROWERS = ("Hof Eins", "Hof Zwei")
ROW: dict[str, Any] = {
    "length": 1.0, "breadth": 0.5, "grains": 3, "shine": 0.0, "grower": "Hof Eins", "season": 1,
}  # fmt: skip
"""Its most likely class is the third, for `grains` is its largest quantity."""
SEEN = {"season": (0, 1)}
"""The categories that its training has seen."""


def five() -> UseCase:
    """The use case."""
    return UseCase.model_validate(yaml.safe_load(DECLARATION))


def loose() -> UseCase:
    """The same where most may be left out, beside counts that are mostly 0 and a narrow share."""
    return UseCase.model_validate(_loose())


def _loose() -> dict[str, Any]:
    declared: dict[str, Any] = yaml.safe_load(DECLARATION)
    columns = declared["columns"]
    for name in ("length", "breadth", "grower", "season"):
        columns[name]["required"] = False
    columns["breadth"] |= {"minimum": 0, "maximum": 10}
    for name, kind, most in (("spots", "integer", 60), ("damage", "number", 0.005)):
        columns[name] = {
            "role": "feature", "type": kind, "required": True, "minimum": 0, "maximum": most,
            "meaning": name,
        }  # fmt: skip
    return {**declared, "name": "loose"}


def noted() -> UseCase:
    """The same with a text of words beside the numbers."""
    return UseCase.model_validate(_noted())


def _noted() -> dict[str, Any]:
    declared: dict[str, Any] = yaml.safe_load(DECLARATION)
    declared["columns"]["notes"] = {
        "role": "feature", "type": "words", "required": True, "meaning": "What the grower writes",
    }  # fmt: skip
    return {**declared, "name": "noted"}


def write_five(folder: Path) -> Path:
    """A folder of declarations with those in it, for `HITCAST_CONF`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seeds.yml").write_text(DECLARATION, encoding="utf-8")
    for declared in (_loose(), _noted()):
        text = yaml.safe_dump(declared, sort_keys=False)
        (folder / f"{declared['name']}.yml").write_text(text, encoding="utf-8")
    return folder


def make_scorer(folder: Path, use_case: UseCase) -> Path:
    """A scorer with a use case's inputs.

    Of two classes, P = sigmoid(q) with its first quantity q; of more, the softmax of as many of
    its quantities as there are classes, and of 0 for classes beyond those, to which a text of words
    adds 1 for the class of each word that `tests/vocabularies.py` has. Quantities that may be left
    out count for nothing.
    """
    names = use_case.label.names
    # Of what the model sees itself: others, such as times, are there to compute something of.
    features = [column for column in use_case.numbers if column.role == "feature"]
    quantities = [column.name for column in features if column.required]
    if len(names) <= 2:
        return make_track_scorer(folder, use_case, 0.0, by=quantities[0])
    inputs = tuple(_known(use_case, column) for column in input_columns(use_case.features))
    graph = Graph()
    given = [c for c in inputs if c.rule is None]
    pieces = {c.name: graph.input(c.name, text=c.kind == "text") for c in given}
    parts = [log_odds(graph, c.name, len(names)) for c in inputs if c.rule is not None]
    if quantities:
        parts.append(
            _of_quantities(graph, [pieces[name].tensor for name in quantities], len(names))
        )
    logits = parts[0]
    for part in parts[1:]:
        logits = graph.node("Add", logits, part, width=len(names))
    model = graph.model(graph.node("Softmax", logits, width=len(names), axis=1))
    card = Card(
        use_case.name, "random_forest", None, inputs, output=use_case.label.output, classes=names,
        fingerprint=fingerprint_of(use_case),
    )  # fmt: skip
    save_scorer(folder, model, card)
    return folder


def _known(use_case: UseCase, column: InputColumn) -> InputColumn:
    """An input as the card has it, with what its training has seen."""
    if column.name in use_case.texts:
        return with_words(column)
    values = GROWERS if column.kind == "text" else ()
    return replace(column, values=values, codes=SEEN.get(column.name, ()))


def _of_quantities(graph: Graph, given: Sequence[str], classes: int) -> str:
    """The tensor of the first quantities, a class each, and of 0 for classes beyond them."""
    wanted = list(given)[:classes]
    nothing = graph.node("Mul", wanted[0], graph.row([0.0]), width=1)
    wanted += [nothing] * (classes - len(wanted))
    return graph.node("Concat", *wanted, axis=1, width=classes)


def insights_of(use_case: UseCase) -> Insights:
    """The overall profile alone, as a training without `profiles` writes it; medians are 2.5."""
    names = use_case.label.names
    quantities = tuple(column.name for column in use_case.numbers)
    quantiles = {name: [0.5, 1.5, 2.5, 3.5, 4.5] for name in quantities}
    quantiles |= {name: [0.0] * 5 for name in ("spots", "damage") if name in quantiles}
    typical = {name: held[2] for name, held in quantiles.items()}
    if len(names) <= 2:
        shares = dict(zip(names, (0.75, 0.25), strict=True)) if names else {}
        overall = Profile(400, 0.25, typical, quantiles, quantiles, shares, every=quantiles)
    else:
        shares = {name: (place + 1) / 15 for place, name in enumerate(names)}
        by_class = dict.fromkeys(names, quantiles)
        overall = Profile(400, max(shares.values()), typical, {}, quantiles, shares, by_class)
    return Insights(None, quantities, (), overall, {}, {})
