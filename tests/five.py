"""A made-up use case with five named classes, and small scorers for any use case, without Spark."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from onnx import TensorProto, helper

from hitcast.declaration.fingerprint import fingerprint_of
from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import Card
from hitcast.portable.export import save_scorer
from hitcast.portable.graph import IR_VERSION, OPSET, OUTPUT, Graph
from hitcast.portable.insights import Insights, Profile
from hitcast.training.winner import input_columns
from tests.small_models import make_track_scorer

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


def write_five(folder: Path) -> Path:
    """A folder of declarations with those in it, for `HITCAST_CONF`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seeds.yml").write_text(DECLARATION, encoding="utf-8")
    (folder / "loose.yml").write_text(yaml.safe_dump(_loose(), sort_keys=False), encoding="utf-8")
    return folder


def make_scorer(folder: Path, use_case: UseCase) -> Path:
    """A scorer with a use case's inputs.

    Of two classes, P = sigmoid(q) with its first quantity q; of more, the softmax of as many of
    its quantities as there are classes, and of 0 for classes beyond those. Quantities that may be
    left out count for nothing.
    """
    names = use_case.label.names
    # Of what the model sees itself: others, such as times, are there to compute something of.
    features = [column for column in use_case.numbers if column.role == "feature"]
    quantities = [column.name for column in features if column.required]
    if len(names) <= 2:
        return make_track_scorer(folder, use_case, 0.0, by=quantities[0])
    inputs = tuple(
        replace(
            column,
            values=GROWERS if column.kind == "text" else (),
            codes=SEEN.get(column.name, ()),
        )
        for column in input_columns(use_case.features)
    )
    graph = Graph()
    pieces = {c.name: graph.input(c.name, text=c.kind == "text") for c in inputs}
    wanted = [pieces[name].tensor for name in quantities][: len(names)]
    nothing = graph.node("Mul", wanted[0], graph.row([0.0]), width=1)
    wanted += [nothing] * (len(names) - len(wanted))
    graph.nodes += [
        helper.make_node("Concat", wanted, ["logits"], axis=1),
        helper.make_node("Softmax", ["logits"], [OUTPUT], axis=1),
    ]
    output = helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, ["N", len(names)])
    whole = helper.make_graph(
        graph.nodes, "five", graph.inputs, [output], initializer=graph.constants
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(whole, opset_imports=opsets, ir_version=IR_VERSION)
    card = Card(
        use_case.name, "random_forest", None, inputs, output=use_case.label.output, classes=names,
        fingerprint=fingerprint_of(use_case),
    )  # fmt: skip
    save_scorer(folder, model, card)
    return folder


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
