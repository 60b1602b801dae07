"""What the API answers, as the pages use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

Row = dict[str, Any]
"""The inputs of one row: what is sent to be scored."""
WORDS = ("many", "positive", "note", "about", "icon")
"""What the schema tells of how people speak of rows."""


def known_to(kind: Any, found: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dataclass in an answer; a newer API may tell more."""
    known = {field.name for field in fields(kind)}
    return {name: value for name, value in found.items() if name in known}


@dataclass(frozen=True)
class Input:
    """One input of the model, as `GET /schema` describes it.

    Attributes:
        role: `feature` is what can be changed; `context` and `group` say what the row is.
        names: What whole numbers stand for, where each stands for something.
        values: The texts that the training knows, where there are few.
        category: Whether a whole number stands for something, so that none lies between two.
        private: Whether a value may tell who somebody is: it stands in no address.
        words: Whether it is a text that is read word by word: it stands in no address either.
        longest: The most characters of a text; None where the API does not tell.
        typical: `median`, `low` and `high` of a number: nine in ten training rows lie between the
            last two; None where that is not known.
    """

    name: str
    role: str
    type: str
    required: bool
    minimum: float | None
    maximum: float | None
    unit: str | None
    meaning: str
    example: Any
    values: Sequence[str] | None = None
    names: Mapping[str, str] | None = None
    category: bool = False
    private: bool = False
    words: bool = False
    longest: int | None = None
    typical: Mapping[str, float] | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Input":
        """Take what is known here from an answer."""
        return cls(**known_to(cls, found))


@dataclass(frozen=True)
class Schema:
    """The inputs, what answers are, and in which words people speak of rows.

    Attributes:
        entity: What one row is called.
        output: What the answer is called.
        label: What a positive answer means.
        profiles_by: The text input whose values rows are compared within; None: with all.
        batch_rows: How many rows one call scores at most.
        batch_bytes: How large a call with many rows may be; None where the API does not tell.
        classes: What answers may be, the positive one of two last; empty where they are 0 and 1.
        words: `many`, `positive`, `note`, `about` and `icon`, as the API tells them.
    """

    title: str
    entity: str
    output: str
    label: str
    profiles_by: str | None
    batch_rows: int
    inputs: Sequence[Input]
    classes: Sequence[str] = ()
    words: Mapping[str, str | None] = field(default_factory=dict)
    batch_bytes: int | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Schema":
        """Read the answer of `GET /schema`."""
        rest = ("title", "entity", "output", "label", "profiles_by")
        return cls(
            **{name: found[name] for name in rest},
            batch_rows=found["limits"]["rows"],
            inputs=[Input.read(column) for column in found["inputs"]],
            classes=tuple(found.get("classes") or ()),
            words={name: found.get(name) for name in WORDS},
            batch_bytes=found["limits"].get("batch_bytes"),
        )

    @property
    def several(self) -> bool:
        """Whether there are more classes than two, so that none is the positive one."""
        return len(self.classes) > 2

    @property
    def many(self) -> str:
        """What several rows are called."""
        return self.words.get("many") or f"{self.entity}s"

    @property
    def asked(self) -> str:
        """What the answer is called, in words."""
        return self.output.replace("_", " ")

    @property
    def positive(self) -> str:
        """What a positive row is, before its noun."""
        return self.words.get("positive") or self.asked

    @property
    def features(self) -> list[Input]:
        """The inputs that can be changed."""
        return [column for column in self.inputs if column.role == "feature"]

    @property
    def texts(self) -> list[Input]:
        """The inputs that are read word by word."""
        return [column for column in self.inputs if column.words]

    @property
    def about(self) -> list[Input]:
        """The inputs that say what the row is, those that may be left out last."""
        found = [c for c in self.inputs if c.role != "feature" and not c.words]
        return sorted(found, key=lambda column: (not column.required, column.type != "text"))

    def named(self, name: str) -> Input:
        """The input of a name."""
        return next(column for column in self.inputs if column.name == name)


@dataclass(frozen=True)
class Said:
    """What a version says of one row.

    Attributes:
        label: The class's name, or 0 and 1.
        probability: Of two classes that of the positive one, of more that of the label.
        probabilities: Of classes with names, that of each; else empty.
    """

    label: int | str
    probability: float
    probabilities: Mapping[str, float]

    @classmethod
    def of(cls, found: Mapping[str, Any], schema: Schema) -> "Said":
        """Read an answer to a row of a batch."""
        label, each = found[schema.output], found.get("probabilities")
        if each:
            return cls(label, each[label], each)
        chance = found["probability"]
        if not schema.classes:
            return cls(label, chance, {})
        other, positive = schema.classes
        return cls(label, chance, {other: 1 - chance, positive: chance})

    @property
    def chance(self) -> float:
        """How likely the label is, where classes have names; else a positive one."""
        return self.probabilities.get(str(self.label), self.probability)


@dataclass(frozen=True)
class Prediction(Said):
    """An answer about one row, and the version that gave it.

    Attributes:
        threshold: The probability from which on it is positive; None: there are several classes.
        unknown: Texts that the training has not seen, by input.
        outside: Numbers beyond the training's, by input.
    """

    threshold: float | None
    version: int
    alias: str | None
    generated: bool
    unknown: Sequence[str]
    outside: Mapping[str, Sequence[float]]

    @classmethod
    def read(cls, found: Mapping[str, Any], output: str) -> "Prediction":
        """Read the answer of `POST /predict?detail=true`."""
        model = found["model"]
        return cls(
            label=found[output],
            probability=found["probability"],
            probabilities=found.get("probabilities") or {},
            threshold=found["threshold"],
            version=model["version"],
            alias=model["alias"],
            generated=model["generated"],
            unknown=tuple(found["unknown"]),
            outside=found["outside"],
        )
