"""What a row holds, as pydantic models generated from the use case."""

import re
from typing import Annotated, Any, NotRequired

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model, with_config
from typing_extensions import TypedDict

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from serving.columns import INTEGERS, Row, kind_of, longest

TYPES: dict[str, type] = {"text": str, "integer": int, "number": float}
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def row_model(use_case: UseCase) -> type[BaseModel]:
    """The pydantic model of one row: every input with its type, range, unit and meaning."""
    fields: dict[str, Any] = {}
    for place, column in enumerate(use_case.inputs):
        kind, limits = _field(column)
        default = ... if column.required else None
        # By an alias, because a model can't have a field of every name that a column may have.
        fields[f"input_{place}"] = kind, Field(default, alias=column.name, **limits)
    words = re.findall(r"\w+", use_case.entity)
    return create_model(
        "".join(f"{word[:1].upper()}{word[1:]}" for word in words) or "Row",
        __config__=STRICT,
        __doc__=f"One {use_case.entity}: the model's inputs as they are, nothing computed.",
        **fields,
    )


def batch_model(row: type[BaseModel], most: int) -> type[BaseModel]:
    """The pydantic model of a batch of rows; one that does not fit gets an error for its answer."""
    told = "rows; one that does not fit is answered with its `error`"
    rows: Any = Annotated[list[row | Any], Field(min_length=1, max_length=most, description=told)]  # type: ignore[valid-type]
    return create_model("Batch", __config__=ConfigDict(extra="forbid"), instances=(rows, ...))


def example(use_case: UseCase, *, optional: bool = True) -> Row:
    """A row that can be scored: the declared examples, else any legal value of a required input."""
    found = {}
    for column in use_case.inputs:
        value = example_of(column)
        if value is None and column.required:
            value = _legal(column)
        if value is not None and (optional or column.required):
            found[column.name] = value
    return found


def example_of(column: Column) -> Any:
    """A column's declared example in the column's own type; None without one."""
    return None if column.example is None else TYPES[kind_of(column)](column.example)


def _legal(column: Column) -> Any:
    """A value that is not refused; of a text with a pattern, none is known."""
    if column.type == "text":
        return None if column.pattern else column.name
    ends = (0.0, column.minimum, column.maximum)
    value = next(v for v in ends if v is not None and _is_within(column, v))
    return TYPES[kind_of(column)](value)


def _is_within(column: Column, value: float) -> bool:
    low, high = column.minimum, column.maximum
    return (low is None or low <= value) and (high is None or value <= high)


def row_adapter(use_case: UseCase) -> TypeAdapter[Row]:
    """Checks a row as its model does, and gives it back as a dict: twice as fast as a model."""
    fields: dict[str, Any] = {}
    for column in use_case.inputs:
        kind, limits = _field(column)
        field: Any = Annotated[kind, Field(**limits)]
        fields[column.name] = field if column.required else NotRequired[field]
    row: Any = TypedDict("row", fields)  # type: ignore[misc]
    strict: Any = with_config(STRICT)(row)
    return TypeAdapter(strict)


def _field(column: Column) -> tuple[Any, dict[str, Any]]:
    """The type of a column's values, and what limits and describes them."""
    sent = kind_of(column)
    kind: Any = TYPES[sent]
    limits: dict[str, Any] = {"description": column.meaning}
    if column.unit:
        limits["description"] = f"{column.meaning} ({column.unit})"
    if column.example is not None:
        limits["examples"] = [example_of(column)]
    if column.type == "text":
        limits |= {"min_length": 1, "max_length": longest(column)}
        if column.pattern:
            limits["pattern"] = f"^(?:{column.pattern})$"
    else:
        low, high = INTEGERS if sent == "integer" else (None, None)
        limits["ge"] = low if column.minimum is None else column.minimum
        limits["le"] = high if column.maximum is None else column.maximum
    return kind if column.required else kind | None, limits
