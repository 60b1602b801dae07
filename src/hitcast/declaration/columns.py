"""The columns of a use case's declaration: type, role, unit, legal values."""

import math
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from hitcast.declaration.section import Section
from hitcast.declaration.vocabulary import WORDS, Vocabulary, with_vocabulary

Role = Literal["key", "identity", "group", "context", "feature", "label"]
ColumnType = Literal["text", "integer", "number", "category"]
SPARK_TYPES: Mapping[str, str] = {
    "text": "string", "integer": "int", "number": "double", "category": "int",
}  # fmt: skip
Transform = Literal["log1p", "spline"]
QUANTITIES = ("integer", "number")
"""The types whose values can be added up and put in order."""
MODELLED = ("feature", "context")
"""The roles whose columns models see as they are."""


class Column(Section):
    """One column: what it is called, what it holds and which values are legal.

    A `category` is a whole number that stands for something, such as a key or a code: as with a
    text, nothing lies between two of its values.
    `minimum` and `maximum` are inclusive and in `unit`; `pattern` is a regular expression that a
    whole text has to match; `example` is a typical value, shown where the API is described;
    `names` says what whole numbers stand for, where each stands for something; values of a
    `private` column are shown in no message of a job; `aliases` are other names that extracts have
    for it, or had. `transform` is what linear models see of an input in its place: `log1p`, the
    logarithm of 1 + its size, with its sign, or `spline`, a line that bends at quantiles.
    `max_length` is the most characters of a text. A text of `type: words` has a `vocabulary`:
    models see its words.
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
    private: bool = False
    aliases: tuple[str, ...] = ()
    transform: Transform | None = None
    max_length: int | None = Field(default=None, ge=1)
    vocabulary: Vocabulary | None = None

    @model_validator(mode="before")
    @classmethod
    def _words_are_a_text(cls, data: Any) -> Any:
        return with_vocabulary(data) if isinstance(data, dict) else data

    @model_validator(mode="before")
    @classmethod
    def _an_example_of_a_text_is_one(cls, data: Any) -> Any:
        example = data.get("example") if isinstance(data, dict) else None
        if isinstance(example, bool):
            raise ValueError(f"example {example}: put yes, no, true, on and the like in quotes")
        if isinstance(example, int) and data.get("type") == "text":
            # To YAML, 1998 is a number wherever it stands.
            return {**data, "example": str(example)}
        return data

    @model_validator(mode="after")
    def _bounds_fit_the_type(self) -> "Column":
        if self.type == "text" and (self.minimum is not None or self.maximum is not None):
            raise ValueError("a text has no minimum or maximum; allowed: pattern")
        if self.type != "text" and self.pattern is not None:
            raise ValueError(f"pattern is for texts; a {self.type} takes minimum and maximum")
        if self.type != "text" and self.max_length is not None:
            raise ValueError(f"max_length is for texts; a {self.type} takes minimum and maximum")
        if self.vocabulary is not None and self.role not in MODELLED:
            raise ValueError("type: words is for role: feature or context")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum:g} is above maximum {self.maximum:g}")
        if self.transform is not None and (not self.is_quantity or self.role not in MODELLED):
            raise ValueError(
                f"transform is for types {' and '.join(QUANTITIES)} with role: feature or context"
            )
        if self.names is not None:
            self._names_cover_the_range(self.names)
        return self

    @model_validator(mode="after")
    def _an_example_is_legal(self) -> "Column":
        if self.example is None:
            return self
        if self.type == "text":
            if not isinstance(self.example, str):
                raise ValueError(f"example {self.example!r} of a text: put it in quotes")
            return self
        value = self.example if isinstance(self.example, float) else math.nan
        if not math.isfinite(value) or self.is_whole and not value.is_integer():
            kind = "a whole number" if self.is_whole else "a number"
            told = f"expected {kind} as example of type {self.type}, got {self.example!r}"
            raise ValueError(told)
        low, high = self.minimum, self.maximum
        if low is not None and value < low or high is not None and value > high:
            raise ValueError(f"example {value:g} is not within minimum and maximum")
        return self

    def _names_cover_the_range(self, names: Mapping[int, str]) -> None:
        if not self.is_whole or self.minimum is None or self.maximum is None:
            raise ValueError(
                "names are for types integer and category with minimum and maximum; got type "
                f"{self.type}"
            )
        wanted = list(range(int(self.minimum), int(self.maximum) + 1))
        if sorted(names) != wanted:
            raise ValueError(f"names expected for each of {wanted}, got {sorted(names)}")

    @property
    def is_quantity(self) -> bool:
        """Whether values can be added up and put in order: neither a text nor a category."""
        return self.type in QUANTITIES

    @property
    def may_be_negative(self) -> bool:
        """Whether linear models may see a number below 0 of it; splines are none."""
        bound = self.minimum is not None and self.minimum >= 0
        return self.is_quantity and self.transform != "spline" and not bound

    @property
    def kind(self) -> str:
        """The type as `conf/` calls it."""
        return WORDS if self.vocabulary is not None else self.type

    @property
    def is_whole(self) -> bool:
        """Whether values are whole numbers, whatever they stand for."""
        return self.type in ("integer", "category")

    @property
    def spark_type(self) -> str:
        """The column's type in silver and gold, as Spark SQL writes it."""
        return SPARK_TYPES[self.type]
