"""What is predicted: a number from some value on, one value, or the class that a value names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, model_validator

from hitcast.declaration.columns import Column
from hitcast.declaration.section import Section

Value = int | float | str
KINDS = ("at_least", "is", "classes")


class Label(Section):
    """The classes that rows are told apart by, served under the name `output`.

    One of three says which: `at_least` and `is` make two classes, answered by 1 (positive) and 0;
    `classes` are names as they stand in the data, each answered by itself.

    Attributes:
        column: Where it stands.
        at_least: The lowest number that is positive.
        value: The positive value (`is` in conf); any other one is not.
        classes: The names, in any order; whole numbers are names too.
        positive: Which one of two names probabilities and metrics are of.
    """

    column: str
    output: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    at_least: float | None = None
    value: Value | None = Field(default=None, alias="is")
    classes: tuple[str, ...] = ()
    positive: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _classes_are_texts(cls, data: Any) -> Any:
        # To YAML, yes, no, on and off are true and false unless they are quoted.
        held = [data.get("is"), *(data.get("classes") or ())] if isinstance(data, dict) else []
        if any(isinstance(value, bool) for value in held):
            raise ValueError("is and classes take texts and numbers; put yes, no, true in quotes")
        if not isinstance(data, dict):
            return data
        # A class is a name, though it may be a whole number's.
        found = {**data}
        if isinstance(data.get("classes"), list | tuple):
            found["classes"] = [str(c) if isinstance(c, int) else c for c in data["classes"]]
        if isinstance(data.get("positive"), int):
            found["positive"] = str(data["positive"])
        return found

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Label":
        given = [self.at_least is not None, self.value is not None, bool(self.classes)]
        if sum(given) != 1:
            found = [kind for kind, there in zip(KINDS, given, strict=True) if there]
            raise ValueError(f"a label has one of {list(KINDS)}, got {found or 'none of them'}")
        if self.positive is not None and len(self.classes) != 2:
            raise ValueError("positive is for two classes; rows of more have no positive one")
        if self.classes:
            self._classes_differ()
        return self

    def _classes_differ(self) -> None:
        # To people and in file names, names that differ in case alone are one.
        if len(self.classes) < 2 or len({c.casefold() for c in self.classes}) < len(self.classes):
            raise ValueError(f"classes are two or more different names, got {list(self.classes)}")
        if any(not c.strip() or c != c.strip() for c in self.classes):
            raise ValueError(f"classes have no space around them, got {list(self.classes)}")
        if len(self.classes) == 2 and self.positive not in self.classes:
            raise ValueError(
                f"two classes need positive: one of {list(self.classes)}, got {self.positive!r}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The classes by number, the positive one of two last; none where answers are 0 and 1."""
        if self.positive is None:
            return self.classes
        return tuple(sorted(self.classes, key=lambda name: name == self.positive))

    @property
    def count(self) -> int:
        """How many classes there are."""
        return max(2, len(self.classes))

    @property
    def rule(self) -> dict[str, Any]:
        """All but the output, as JSON has it: what labels of the same rows depend on."""
        found = self.model_dump(mode="json", exclude_defaults=True)
        return {name: value for name, value in found.items() if name != "output"}

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "Label":
        """The label of a rule.

        Raises:
            ValueError: if it is none.
        """
        return cls.model_validate({"output": "label", **rule})

    @property
    def told(self) -> str:
        """What a positive answer means; of more classes than two, what an answer is."""
        if self.at_least is not None:
            return f"{self.column} at least {self.at_least:g}"
        if len(self.classes) > 2:
            return f"{self.column}, one of {', '.join(self.classes)}"
        return f"{self.column} is {self.value if self.positive is None else self.positive}"

    def check(self, column: Column) -> None:
        """Compare with the column.

        Raises:
            ValueError: if the column's values can't be what the rule asks for.
        """
        is_text = column.type == "text"
        if self.classes and not is_text:
            self._check_numbers(column)
            return
        wanted = bool(self.classes) or isinstance(self.value, str)
        if is_text != wanted:
            kind = "text" if wanted else "integer or number"
            raise ValueError(f"the label {self.told!r} needs a column with type: {kind}")

    def _check_numbers(self, column: Column) -> None:
        """Compare classes with a column of whole numbers, whose limits say which are legal."""
        numbers = whole_numbers(self.classes)
        if not column.is_whole or not numbers:
            raise ValueError(
                f"the label {self.told!r} needs a column with type: text; whole numbers without a "
                "gap may be those of type integer or category"
            )
        limits = (numbers[0], numbers[-1])
        if (column.minimum, column.maximum) != limits:
            raise ValueError(
                f"column {column.name!r}: minimum and maximum are those of the classes, {limits}; "
                "leave them out"
            )


def whole_numbers(classes: Sequence[object]) -> list[int]:
    """Classes as whole numbers in order; none where they are others, or leave one out."""
    texts = [str(name) for name in classes]
    try:
        found = sorted(map(int, texts))
    except ValueError:
        return []
    without_gap = found == list(range(found[0], found[0] + len(found))) if found else False
    return found if without_gap and sorted(map(str, found)) == sorted(texts) else []


def with_classes(data: Mapping[str, Any]) -> dict[str, Any]:
    """A declaration whose label's column takes no other values than the label's classes."""
    label, columns = data.get("label"), list(data.get("columns") or ())
    if isinstance(label, Mapping) and isinstance(label.get("classes"), list | tuple):
        rules = _rules(label["classes"])
        for place, column in enumerate(columns):
            is_label = isinstance(column, Mapping) and column.get("name") == label.get("column")
            if is_label:
                columns[place] = {**rules.get(column.get("type"), {}), **column}
        return {**data, "columns": columns}
    return dict(data)


def _rules(classes: Sequence[object]) -> dict[Any, dict[str, Any]]:
    """What keeps other values than classes out of a column, by its type."""
    numbers = whole_numbers(classes)
    limits = {"minimum": numbers[0], "maximum": numbers[-1]} if numbers else {}
    pattern = "|".join(re.escape(str(name)) for name in classes)
    return {"text": {"pattern": pattern}, "integer": limits, "category": limits}
