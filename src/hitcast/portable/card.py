"""The card of a portable scorer: what it expects, what it answers, where it came from.

A card is a small JSON file beside the ONNX graph. It needs the standard library only.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from hitcast.declaration.tokens import TokenRule
from hitcast.errors import ScorerInputError

FORMAT_VERSION = 1
ENSEMBLE = "ensemble"
"""The family of a model that several classifiers make."""
MODEL_FILE = "model.onnx"
CARD_FILE = "card.json"
VERSION_FILE = "version.json"
"""Beside an exported scorer: which version of which model it is."""

Kind = Literal["number", "text"]


@dataclass(frozen=True)
class InputColumn:
    """One raw feature column of a model.

    Attributes:
        name: Column name, also the name of the graph's input.
        kind: "number" (double in Spark, or int: see `integer`) or "text" (string).
        optional: Whether rows may leave the column out or hold null in it.
        unit: Unit of a number, empty where it has none.
        minimum: Lowest legal value, None where there is no limit.
        maximum: Highest legal value, None where there is no limit.
        integer: Whether it is a whole number (int in Spark).
        description: One line for people.
        values: Values of a text column that the model knows, most frequent first;
            `save_scorer` fills them in.
        codes: Numbers of a category that the model knows, most frequent first; filled in as well.
        seen: Lowest and highest value of a number among the training rows; None where not known.
        rule: How the words of a text are found and counted; None: it is one value; filled in as
            well.
        vocabulary: The words that the model knows, in the order of the graph's columns.
    """

    name: str
    kind: Kind
    optional: bool = False
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    description: str = ""
    values: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()
    seen: tuple[float, float] | None = None
    rule: TokenRule | None = None
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """One of the classifiers that a model is made of.

    Attributes:
        family: Its family.
        weight: Of its log-odds in the sum.
    """

    family: str
    weight: float


@dataclass(frozen=True)
class Card:
    """Everything about a portable scorer that is not arithmetic.

    Attributes:
        model_name: Registered name, such as the use case's.
        family: Family of the classifier, such as "logistic_regression", or "ensemble".
        threshold: Rows with a probability at or above it are predicted 1; None where there are more
            classes than two, of which the most likely one is predicted.
        inputs: Input schema, in the order of the graph's inputs.
        output: Name of the answer's column of labels.
        label: What a prediction of 1 means, for people.
        classes: Names of the labels by number, the positive one of two last; where there are none,
            answers are 0 and 1.
        data_version: Version of the table the model was trained on.
        generated: Whether that table held generated rows.
        missing_text: What stands for null in text columns; never a known value;
            `save_scorer` fills it in.
        fingerprint: Split, label rule and inputs, as `declaration.fingerprint` states them; cards
            of old have none.
        metadata: Free facts of the training, text only.
        sha256: Hash of the ONNX file; `save_scorer` fills it in.
        members: The classifiers that the probability is made of; cards of old have none.
        intercept: Of the sum of their log-odds.
        intercepts: The same of each class after the first, where there are more than two.
        format_version: Version of this layout.
    """

    model_name: str
    family: str
    threshold: float | None
    inputs: tuple[InputColumn, ...]
    output: str = "label"
    label: str = ""
    classes: tuple[str, ...] = ()
    data_version: str = ""
    generated: bool = False
    missing_text: str = ""
    fingerprint: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""
    members: tuple[Member, ...] = ()
    intercept: float = 0.0
    intercepts: tuple[float, ...] = ()
    format_version: int = FORMAT_VERSION

    @property
    def has_two_classes(self) -> bool:
        """Whether a row has one probability, that of the positive class."""
        return len(self.classes) <= 2

    def to_json(self) -> str:
        """The card as indented JSON text."""
        told = asdict(self)
        for column in told["inputs"]:
            # Readers of old know nothing of words, and need not where there are none.
            if column["rule"] is None:
                del column["rule"], column["vocabulary"]
        return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Read a card that `to_json` wrote.

        Raises:
            ScorerInputError: if the text is not a card or of another format version.
        """
        try:
            found = json.loads(text)
            version = found["format_version"]
        except (ValueError, TypeError, KeyError) as error:
            raise ScorerInputError(
                f"{CARD_FILE} has to be JSON with format_version; reading it failed with "
                f"{error!r}. Save the scorer again."
            ) from error
        if version != FORMAT_VERSION:
            raise ScorerInputError(
                f"{CARD_FILE} has to have format_version {FORMAT_VERSION}; it has {version!r}. "
                "Load it with the hitcast version that wrote it, or train again."
            )
        try:
            # What a newer version of the package has added is passed over.
            known = {f.name: found[f.name] for f in fields(cls) if f.name in found}
            members = tuple(Member(**member) for member in found.get("members", ()))
            inputs = tuple(map(_column, found["inputs"]))
            lists = {name: tuple(found.get(name, ())) for name in ("classes", "intercepts")}
            card = cls(**{**known, **lists, "inputs": inputs, "members": members})
            if card.has_two_classes != (card.threshold is not None):
                raise TypeError("a threshold is for two classes, and they need one")
            return card
        except (TypeError, KeyError, IndexError) as error:
            raise ScorerInputError(
                f"{CARD_FILE} does not have the fields of a card: {error}. Save the scorer again."
            ) from error


def _column(found: Mapping[str, Any]) -> InputColumn:
    """A column of a card as JSON has it, which knows no tuples; cards of old have less."""
    seen, rule = found.get("seen"), found.get("rule")
    lists = {name: tuple(found.get(name, ())) for name in ("values", "codes", "vocabulary")}
    pair, how = seen and (seen[0], seen[1]), rule and TokenRule.from_json(rule)
    known = {f.name: found[f.name] for f in fields(InputColumn) if f.name in found}
    return InputColumn(**{**known, **lists, "seen": pair, "rule": how})


def probability_names(classes: Sequence[str]) -> list[str]:
    """What the columns of probabilities are called, where these are the names of the classes."""
    return [f"probability_{name}" for name in classes] if len(classes) > 2 else ["probability"]


def free_text(inputs: Sequence[InputColumn], others: Collection[str] = ()) -> str:
    """A text that no column knows as a value, and that is none of the others: it means null."""
    known = {value for column in inputs for value in column.values} | set(others)
    text = "(missing)"
    while text in known:
        text = f"({text})"
    return text


def sha256_of(data: bytes) -> str:
    """Hash of a graph's bytes, as the card keeps it."""
    return hashlib.sha256(data).hexdigest()
