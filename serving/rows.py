"""What a request holds: a pydantic model generated from the use case, strict to the letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from serving.columns import LONGEST_TEXT, Row, plain_columns
from serving.strict_json import BadJsonError, read_json

TYPES: dict[str, type] = {"text": str, "integer": int, "number": float}


class BadRequestError(ValueError):
    """A body that can't be scored.

    Attributes:
        problems: Field (None: the body as a whole) and what is wrong with it.
    """

    def __init__(self, problems: Sequence[tuple[str | None, str]]) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Batch:
    """The tracks of a batch: those that can be scored, and what is wrong with the others.

    Attributes:
        rows: The good ones, in order.
        errors: The bad ones' problems, by their place.
        columns: The good ones' values by input, where they are at hand.
    """

    rows: list[Row]
    errors: dict[int, str]
    columns: dict[str, list[Any]] | None = None


class RowReader:
    """Reads bodies of requests into rows.

    Attributes:
        model: The pydantic model of one track, for the description of the API.
        batch: That of a batch.
    """

    def __init__(self, use_case: UseCase, *, max_batch: int) -> None:
        self.model = row_model(use_case)
        self.batch = batch_model(self.model)
        self._max_batch = max_batch
        self._inputs = {column.name: column for column in use_case.inputs}
        self._one = TypeAdapter(self.model).validator
        self._many = TypeAdapter(list[self.model]).validator  # type: ignore[name-defined]

    def read(self, body: bytes) -> Row:
        """The track in a body.

        Raises:
            BadRequestError: naming each field that is wrong.
        """
        row: Row = parse(body)
        try:
            self._one.validate_python(row)
        except ValidationError as error:
            raise BadRequestError(_problems(error)) from None
        return row

    def read_batch(self, body: bytes) -> Batch:
        """The tracks under `instances` in a body; bad ones are kept apart from good ones.

        Raises:
            BadRequestError: if the body as a whole is not a batch.
        """
        found = parse(body)
        if not isinstance(found, dict) or not isinstance(found.get("instances"), list):
            raise BadRequestError([("instances", "expected a list of tracks")])
        unknown = sorted(set(found) - {"instances"})
        if unknown:
            raise BadRequestError([(str(unknown[0])[:100], "expected only instances")])
        rows = found["instances"]
        if not 1 <= len(rows) <= self._max_batch:
            expected = f"expected 1 to {self._max_batch} tracks, got {len(rows)}"
            raise BadRequestError([("instances", expected)])
        columns = plain_columns(self._inputs, rows)
        if columns is not None:
            return Batch(rows, {}, columns)
        errors: dict[int, str] = {}
        try:
            self._many.validate_python(rows)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                place, *rest = problem["loc"]
                told = _told(problem)
                text = f"{rest[0]}: {told}" if rest else told
                known = errors.get(int(place))
                errors[int(place)] = f"{known}; {text}" if known else text
        good = [row for place, row in enumerate(rows) if place not in errors]
        return Batch(good, errors)


def row_model(use_case: UseCase) -> type[BaseModel]:
    """The pydantic model of one row: every input with its type, range, unit and meaning."""
    fields: dict[str, Any] = {column.name: _field(column) for column in use_case.inputs}
    return create_model(
        use_case.entity.capitalize(),
        __config__=ConfigDict(extra="forbid", strict=True, allow_inf_nan=False),
        __doc__=f"One {use_case.entity}: the model's inputs as they are, nothing computed.",
        **fields,
    )


def batch_model(row: type[BaseModel]) -> type[BaseModel]:
    """The pydantic model of a batch of rows."""
    return create_model("Batch", instances=(list[row], ...))  # type: ignore[valid-type]


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


def _field(column: Column) -> tuple[Any, Any]:
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
        limits |= {"ge": column.minimum, "le": column.maximum}
    if column.required:
        return kind, Field(**limits)
    return kind | None, Field(None, **limits)


def parse(body: bytes) -> Any:
    """The JSON value in a body.

    Raises:
        BadRequestError: if it is none.
    """
    try:
        return read_json(body)
    except BadJsonError as error:
        raise BadRequestError([(error.field, str(error))]) from None


def _problems(error: ValidationError) -> list[tuple[str | None, str]]:
    return [
        (str(problem["loc"][0])[:100] if problem["loc"] else None, _told(problem))
        for problem in error.errors(include_url=False, include_context=False)
    ]


def _told(problem: Any) -> str:
    if problem["type"] == "missing":
        return "required, but missing"
    if problem["type"] == "extra_forbidden":
        return "not an input of the model"
    if problem["type"] in ("model_type", "model_attributes_type"):
        return "expected an object with the inputs of one row"
    return f"{problem['msg']}, got {str(problem['input'])[:60]!r}"
