"""Examples of columns, which the API and the studio begin with."""

from typing import Any

import pytest
from pydantic import ValidationError

from hitcast.declaration.columns import Column


def column(kind: str, example: Any, **more: Any) -> Column:
    """A column with an example."""
    return Column.model_validate(
        {"name": "x", "role": "feature", "type": kind, "meaning": "X", "example": example, **more}
    )


@pytest.mark.parametrize(
    ("kind", "example", "more", "told"),
    [
        ("number", "abc", {}, "expected a number as example of type number, got 'abc'"),
        ("number", "5", {}, "expected a number"),
        ("number", float("nan"), {}, "expected a number"),
        ("number", True, {}, "in quotes"),
        ("integer", 1.5, {}, "expected a whole number as example of type integer, got 1.5"),
        ("category", "C", {}, "expected a whole number"),
        ("integer", 9, {"maximum": 5}, "example 9 is not within minimum and maximum"),
        ("number", -1, {"minimum": 0}, "example -1 is not within"),
        ("text", 1.5, {}, "in quotes"),
    ],
)
def test_an_example_that_is_no_legal_value_is_refused(
    kind: str, example: object, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValidationError) as error:
        column(kind, example, **more)
    assert told in str(error.value)


def test_a_number_as_example_of_a_text_stays_as_it_is_written() -> None:
    assert column("text", 1998).example == "1998"
    assert column("number", 1998).example == column("integer", 1998.0).example == 1998.0
