"""The sections of a use case's declaration: source, label, split, training, gates, profiles."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of a declaration: it can't be changed, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
