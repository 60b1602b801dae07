"""What a row holds, as pydantic models generated from the use case."""

from typing import Annotated, Any, NotRequired

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model, with_config
from typing_extensions import TypedDict

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from serving.columns import INTEGERS, LONGEST_TEXT, Row

TYPES: dict[str, type] = {"text": str, "integer": int, "number": float}
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def row_model(use_case: UseCase) -> type[BaseModel]:
    """The pydantic model of one row: every input with its type, range, unit and meaning."""
    fields: dict[str, Any] = {}
    for column in use_case.inputs:
        kind, limits = _field(column)
        fields[column.name] = kind, Field(... if column.required else None, **limits)
    return create_model(
        use_case.entity.capitalize(),
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
    """The use case's example row."""
    return {
        column.name: example_of(column)
        for column in use_case.inputs
        if column.example is not None and (optional or column.required)
    }


def example_of(column: Column) -> Any:
    """A column's example in the column's own type."""
    return None if column.example is None else TYPES[column.type](column.example)


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
    kind: Any = TYPES[column.type]
    limits: dict[str, Any] = {"description": column.meaning}
    if column.unit:
        limits["description"] = f"{column.meaning} ({column.unit})"
    if column.example is not None:
        limits["examples"] = [example_of(column)]
    if column.type == "text":
        limits |= {"min_length": 1, "max_length": LONGEST_TEXT}
        if column.pattern:
            limits["pattern"] = f"^(?:{column.pattern})$"
    else:
        low, high = INTEGERS if column.type == "integer" else (None, None)
        limits["ge"] = low if column.minimum is None else column.minimum
        limits["le"] = high if column.maximum is None else column.maximum
    return kind if column.required else kind | None, limits
