"""What the API answers, as the pages use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

Row = dict[str, Any]
"""The inputs of one row: what is sent to be scored."""


@dataclass(frozen=True)
class Input:
    """One input of the model, as `GET /schema` describes it.

    Attributes:
        role: `feature` is what can be changed; `context` and `group` say what the row is.
        names: What whole numbers stand for, where each stands for something.
        values: The texts that the training knows, where there are few.
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

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Input":
        """Take what is known here from an answer; a newer API may tell more."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in found.items() if name in known})


@dataclass(frozen=True)
class Schema:
    """The inputs, what the answer is called, and how many rows one call scores at most."""

    title: str
    entity: str
    output: str
    label: str
    profiles_by: str | None
    batch_rows: int
    inputs: Sequence[Input]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Schema":
        """Read the answer of `GET /schema`."""
        inputs = [Input.read(column) for column in found["inputs"]]
        rest = ("title", "entity", "output", "label", "profiles_by")
        limit = found["limits"]["rows"]
        return cls(**{name: found[name] for name in rest}, batch_rows=limit, inputs=inputs)

    @property
    def features(self) -> list[Input]:
        """The inputs that can be changed."""
        return [column for column in self.inputs if column.role == "feature"]

    @property
    def about(self) -> list[Input]:
        """The inputs that say what the row is, those that may be left out last."""
        found = [column for column in self.inputs if column.role != "feature"]
        return sorted(found, key=lambda column: (not column.required, column.type != "text"))

    def named(self, name: str) -> Input:
        """The input of a name."""
        return next(column for column in self.inputs if column.name == name)


@dataclass(frozen=True)
class Prediction:
    """An answer about one row, and the version that gave it."""

    positive: bool
    probability: float
    threshold: float
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
            positive=bool(found[output]),
            probability=found["probability"],
            threshold=found["threshold"],
            version=model["version"],
            alias=model["alias"],
            generated=model["generated"],
            unknown=tuple(found["unknown"]),
            outside=found["outside"],
        )


@dataclass(frozen=True)
class Profile:
    """Rows of one value in figures; quantiles of positive and other rows apart."""

    rows: int
    base_rate: float
    typical: Mapping[str, float]
    positive: Mapping[str, Sequence[float]]
    other: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Profiles:
    """The profile of each value of a text input, and that of all rows."""

    by: str
    overall: Profile
    profiles: Mapping[str, Profile]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Profiles":
        """Read the answer of `GET /profiles`."""
        each = {value: Profile(**profile) for value, profile in found["profiles"].items()}
        return cls(found["by"], Profile(**found["overall"]), each)

    def of(self, row: Row) -> Profile:
        """The profile of the rows like this one; of all rows where its value is unknown."""
        return self.profiles.get(str(row[self.by]), self.overall)
