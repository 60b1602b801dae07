"""The sections of a use case's declaration: columns, source, label, split, training, gates."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Role = Literal["key", "identity", "group", "context", "feature", "label"]
ColumnType = Literal["text", "integer", "number"]
SPARK_TYPES: Mapping[str, str] = {"text": "string", "integer": "int", "number": "double"}


class Section(BaseModel):
    """A part of a declaration: it can't be changed, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Section):
    """One column: what it is called, what it holds and which values are legal.

    `minimum` and `maximum` are inclusive and in `unit`; `pattern` is a regular expression that a
    whole text has to match; `example` is a typical value, shown where the API is described;
    `names` says what whole numbers stand for, where each stands for something.
    """

    name: str
    role: Role
    type: ColumnType
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    unit: str | None = None
    meaning: str
    example: float | str | None = None
    names: Mapping[int, str] | None = None

    @model_validator(mode="after")
    def _bounds_fit_the_type(self) -> "Column":
        if self.type == "text" and (self.minimum is not None or self.maximum is not None):
            raise ValueError("a text has no minimum or maximum; allowed: pattern")
        if self.type != "text" and self.pattern is not None:
            raise ValueError(f"pattern is for texts; a {self.type} takes minimum and maximum")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum:g} is above maximum {self.maximum:g}")
        if self.names is not None:
            self._names_cover_the_range(self.names)
        return self

    def _names_cover_the_range(self, names: Mapping[int, str]) -> None:
        if self.type != "integer" or self.minimum is None or self.maximum is None:
            raise ValueError(
                f"names are for integers with minimum and maximum; got type {self.type}"
            )
        wanted = list(range(int(self.minimum), int(self.maximum) + 1))
        if sorted(names) != wanted:
            raise ValueError(f"names expected for each of {wanted}, got {sorted(names)}")

    @property
    def spark_type(self) -> str:
        """The column's type in silver and gold, as Spark SQL writes it."""
        return SPARK_TYPES[self.type]


class KaggleSource(Section):
    """A file of a Kaggle dataset."""

    dataset: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    file: str = Field(min_length=1)


class Source(Section):
    """Where extracts come from, and which of their columns carry nothing."""

    kaggle: KaggleSource | None = None
    ignored_columns: tuple[str, ...] = ()
    twin: bool = False


class Label(Section):
    """The positive class: `column` at or above `at_least`; served under the name `output`."""

    column: str
    at_least: float
    output: str = Field(pattern=r"^[a-z][a-z0-9_]*$")


class Split(Section):
    """How test rows are chosen: by a hash of the key with `salt`."""

    salt: str = Field(min_length=1)
    test_percent: int = Field(ge=1, le=50)


class Training(Section):
    """Defaults of a training, each of which the job's options can replace."""

    metric: Literal["areaUnderPR", "areaUnderROC", "f1"]
    folds: int = Field(ge=2, le=20)
    search: Literal["grid", "random", "tpe"]
    trials: int = Field(ge=1)
    tuning_rows: int = Field(ge=100)
    partitions: int = Field(ge=1)


class Gates(Section):
    """What a challenger has to pass to become production."""

    min_improvement: float = Field(default=0.0, ge=0.0)


class Profiles(Section):
    """Typical and popular rows of each value of a text column, for people to compare with.

    `by` is that column; `shown` are the columns that name a reference row, and `references` is
    how many of them are kept a value.
    """

    by: str
    shown: tuple[str, ...] = ()
    references: int = Field(default=200, ge=0, le=10_000)
