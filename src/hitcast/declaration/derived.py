"""Inputs of the model that are computed of what callers hand in."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import model_validator

from hitcast.declaration.columns import Column, ColumnType

Way = Literal["ratio", "difference", "hour_of_day", "frequency"]
TYPES: Mapping[Way, ColumnType] = {
    "ratio": "number", "difference": "number", "hour_of_day": "integer", "frequency": "number",
}  # fmt: skip
MEANINGS: Mapping[Way, str] = {
    "ratio": "{0} over {1}",
    "difference": "{0} less {1}",
    "hour_of_day": "Hour of the day of {0}, which is in seconds",
    "frequency": "Share of the training rows with the same {0}",
}
NOT_FROM = ("key", "label")


class Derived(Column):
    """A column that is computed: part of the model, never of what callers hand in.

    A ratio is missing where the second number is 0; what is missing gets the median. A frequency
    is a share of the training rows, and 0 for values that they lack.

    Attributes:
        way: How.
        of: The columns that it is computed of, in order.
    """

    way: Way
    of: tuple[str, ...]

    @model_validator(mode="after")
    def _numbers_of_sources_fit(self) -> "Derived":
        wanted = 2 if self.way in ("ratio", "difference") else 1
        if len(self.of) != wanted or len(set(self.of)) != wanted:
            raise ValueError(f"{self.way} takes {wanted} column(s), got {list(self.of)}")
        if self.type != TYPES[self.way] and (self.way, self.type) != ("hour_of_day", "category"):
            raise ValueError(f"{self.way} has type {TYPES[self.way]}, got {self.type}")
        return self

    @property
    def may_be_negative(self) -> bool:
        """Hours and shares are not."""
        return self.way in ("ratio", "difference") and super().may_be_negative

    def check(self, columns: Sequence[Column]) -> None:
        """Compare with the declared columns.

        Raises:
            ValueError: if it is computed of none of them, or of one that can't be.
        """
        is_frequency = self.way == "frequency"
        # Folds hold whole groups out, and a frequency is learnt on all training rows at once.
        barred = (*NOT_FROM, "group") if is_frequency else NOT_FROM
        # Nor are whole texts to stand in a model.
        free = [c for c in columns if c.role not in barred and c.vocabulary is None]
        fits = {c.name: c.is_quantity != is_frequency for c in free}
        wrong = [name for name in self.of if not fits.get(name)]
        if wrong:
            raise ValueError(
                f"derive.{self.name}: {self.way} of {wrong}; allowed: "
                f"{[name for name, fit in fits.items() if fit]}"
            )


def with_derived(data: Mapping[str, Any]) -> dict[str, Any]:
    """A declaration whose `derive` section has whole columns: `{hour: {hour_of_day: Time}}`.

    Raises:
        ValueError: if an entry names no way, or several.
    """
    found = data.get("derive")
    if not isinstance(found, Mapping):
        return dict(data)
    columns = data.get("columns") or ()
    required = {c.get("name"): bool(c.get("required")) for c in columns if isinstance(c, Mapping)}
    return {**data, "derive": [_column(name, given, required) for name, given in found.items()]}


def _column(name: Any, given: Any, required: Mapping[Any, bool]) -> dict[str, Any]:
    ways = [way for way in TYPES if isinstance(given, Mapping) and way in given]
    if len(ways) != 1:
        raise ValueError(f"derive.{name} has one of {list(TYPES)}, got {given!r}")
    (way,) = ways
    rest = {key: value for key, value in given.items() if key != way}
    sources = given[way] if isinstance(given[way], list | tuple) else [given[way]]
    if not all(isinstance(source, str) for source in sources):
        raise ValueError(f"derive.{name}.{way} takes names of columns, got {given[way]!r}")
    always = way == "frequency" or (way != "ratio" and all(map(required.get, sources)))
    told = MEANINGS[way].format(*sources, *sources)
    return {
        "role": "feature", "type": TYPES[way], "meaning": told, **rest,
        "name": name, "way": way, "of": sources, "required": always,
    }  # fmt: skip
