"""Rows to ask an endpoint, and what a version's own portable scorer says of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitcast.declaration.use_case import UseCase
from hitcast.errors import EndpointError
from hitcast.portable.card import InputColumn, probability_names
from hitcast.portable.scorer import Scorer

TOLERANCE = 1e-9
"""How far a probability may lie from the scorer's: the same arithmetic, written as JSON."""
EXAMPLE = "serving_input_example.json"
"""MLflow's copy of the row that the model was logged with."""
AROUND = (0.1, 0.35, 0.65, 0.9)
"""Further rows: where in its range each number lies, taken in turn from column to column."""
TYPES: Mapping[str, Any] = {"text": str, "integer": int, "category": int, "number": float}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Questions:
    """Rows, and the answers that they have to get.

    Attributes:
        rows: Raw inputs, the model's example first.
        output: Name of the answer's label.
        labels: Expected label of each row: 0 or 1, or the name of its class.
        probabilities: Expected probabilities of each row, by the answer's names for them.
    """

    rows: tuple[Row, ...]
    output: str
    labels: tuple[int | str, ...]
    probabilities: tuple[Mapping[str, float], ...]

    @classmethod
    def about(cls, folder: Path, use_case: UseCase) -> "Questions":
        """Questions about the version whose scorer was downloaded into `folder`."""
        scorer = Scorer.load(folder)
        inputs = scorer.card.inputs
        example = _example(folder, use_case)
        first = {column.name: _value(column, example.get(column.name)) for column in inputs}
        rows = (first, *(_moved(first, inputs, turn) for turn in range(len(AROUND))))
        labels, found = scorer.predict(scorer.columns(rows))
        names = probability_names(scorer.card.classes)
        each = found.reshape(len(rows), len(names)).tolist()
        probabilities = tuple(dict(zip(names, held, strict=True)) for held in each)
        sent = tuple(map(_sent, rows))
        return cls(sent, scorer.card.output, tuple(labels.tolist()), probabilities)

    def largest_difference(self, answers: Sequence[Any]) -> float:
        """How far the probabilities lie from the scorer's, at most.

        Raises:
            EndpointError: if an answer differs, or there is not one for each row.
        """
        if len(answers) != len(self.rows):
            raise EndpointError(f"expected {len(self.rows)} answers, got {len(answers)}")
        differences = [0.0]
        pairs = zip(answers, self.labels, self.probabilities, strict=True)
        for place, (answer, label, expected) in enumerate(pairs, start=1):
            told = answer if isinstance(answer, Mapping) else {}
            apart = [_apart(told.get(name), value) for name, value in expected.items()]
            # A comparison with NaN is false, so what is no number is refused.
            wanted = {self.output: label, **expected}
            if told.get(self.output) != label or not all(d <= TOLERANCE for d in apart):
                raise EndpointError(
                    f"expected, for row {place} of {len(self.rows)}, what the version's scorer "
                    f"says: {wanted!r}, got {answer!r}"
                )
            differences += apart
        return max(differences)


def _apart(found: Any, wanted: float) -> float:
    """How far an answer's probability lies from the expected one; NaN where it is no number."""
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return abs(float(found) - wanted) if is_number else float("nan")


def _example(folder: Path, use_case: UseCase) -> Row:
    """The row that the model was logged with, else the use case's own example."""
    # The scorer is among the model's files: artifacts/scorer.
    file = folder.parents[1] / EXAMPLE
    if file.is_file():
        split = json.loads(file.read_text(encoding="utf-8"))["dataframe_split"]
        return dict(zip(split["columns"], split["data"][0], strict=True))
    examples = ((c, c.example) for c in use_case.features)
    return {c.name: TYPES[c.type](e) for c, e in examples if e is not None}


def _moved(first: Row, inputs: Sequence[InputColumn], turn: int) -> dict[str, Any]:
    """The example, with each number elsewhere in its range and each text or category another."""
    moved: dict[str, Any] = {}
    for place, column in enumerate(inputs):
        value = first[column.name]
        known = column.values or column.codes or column.vocabulary
        if column.kind == "text" or known:
            moved[column.name] = known[turn % len(known)] if known else value
            continue
        low, high = column.seen or (column.minimum, column.maximum)
        share = AROUND[(turn + place) % len(AROUND)]
        if low is not None and high is not None:
            value = low + share * (high - low)
        elif value is not None:
            value = value * (0.5 + share) + share
        moved[column.name] = _value(column, value)
    return moved


def _value(column: InputColumn, value: Any) -> Any:
    """A value as JSON should have it: MLflow tells whole numbers and others apart."""
    if column.kind == "text" or value is None:
        return value
    return round(value) if column.integer else float(value)


def _sent(row: Row) -> Row:
    """A row as it is sent: without what is null."""
    return {name: value for name, value in row.items() if value is not None}
