"""Reads what a request holds, strict to the letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hitcast.declaration.use_case import UseCase
from serving.columns import Row, kind_of, plain_columns
from serving.row_models import batch_model, row_adapter, row_model
from serving.strict_json import BadJsonError, read_json

TOLD = 20
"""So many things that are wrong with a row of a batch are named."""
ELSEWHERE = {
    "instances": "POST /predict/batch (or /invocations)",
    "dataframe_records": "POST /invocations",
    "dataframe_split": "POST /invocations",
    "inputs": "POST /invocations",
}
"""What bodies of many rows begin with, and the call that takes them."""


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
    """The rows of a batch: those that can be scored, and what is wrong with the others.

    Attributes:
        rows: The good ones, in order.
        places: Their places in the batch.
        errors: The bad ones' problems, by their place.
        columns: The good ones' values by input, where they are at hand.
    """

    rows: list[Row]
    places: Sequence[int]
    errors: dict[int, str]
    columns: dict[str, list[Any]] | None = None


class RowReader:
    """Reads bodies of requests into rows.

    Attributes:
        model: The pydantic model of one row, for the description of the API.
        batch: That of a batch.
    """

    def __init__(self, use_case: UseCase, *, max_batch: int) -> None:
        self.model = row_model(use_case)
        self.batch = batch_model(self.model, max_batch)
        self._max_batch, self._many = max_batch, use_case.many
        self._inputs = {column.name: column for column in use_case.inputs}
        self._private = frozenset(c.name for c in use_case.inputs if c.private)
        self._integers = {c.name for c in use_case.inputs if kind_of(c) == "integer"}
        self._one = row_adapter(use_case).validator

    def read(self, body: bytes) -> Row:
        """The row in a body, its numbers in the types that are declared.

        Raises:
            BadRequestError: naming each field that is wrong.
        """
        found = parse(body)
        try:
            return self.check(found)
        except BadRequestError:
            self._refuse_batch(found)
            raise

    def _refuse_batch(self, found: Any) -> None:
        """Say where many rows go, in place of all that they lack as one.

        Raises:
            BadRequestError: if a body holds them.
        """
        given = next((n for n in ELSEWHERE if isinstance(found, dict) and n in found), None)
        if given is not None and given not in self._inputs:
            told = f"expected the inputs of one row; {ELSEWHERE[given]} takes {given}"
            raise BadRequestError([(given, told)])

    def check(self, found: Any) -> Row:
        """The row that a JSON value holds, its numbers in the types that are declared.

        Raises:
            BadRequestError: naming each field that is wrong.
        """
        try:
            return self._checked(found)
        except ValidationError as error:
            whole = self._whole(found)
            if whole is None:
                raise BadRequestError(self._problems(error)) from None
        try:
            return self._checked(whole)
        except ValidationError as error:
            raise BadRequestError(self._problems(error)) from None

    def _problems(self, error: ValidationError) -> list[tuple[str | None, str]]:
        found = []
        for problem in error.errors(include_url=False, include_context=False):
            field = str(problem["loc"][0])[:100] if problem["loc"] else None
            found.append((field, _told(problem, private=field in self._private)))
        return found

    def _to_doubles(self, rows: Sequence[Row], columns: dict[str, list[Any]]) -> None:
        """Have numbers that were written as 118 in the type that is declared."""
        for name, held in columns.items():
            if self._inputs[name].type == "number" and int in set(map(type, held)):
                columns[name] = list(map(float, held))
                for row, value in zip(rows, columns[name], strict=True):
                    row[name] = value

    def _checked(self, found: Any) -> Row:
        row: Row = self._one.validate_python(found)
        return row

    def _whole(self, found: Any) -> Row | None:
        """A row whose whole numbers were written as 5.0, which JSON calls integers; else None."""
        if not isinstance(found, dict):
            return None
        changed = {
            name: whole(value)
            for name, value in found.items()
            if name in self._integers and whole(value) is not value
        }
        return {**found, **changed} if changed else None

    def read_batch(self, body: bytes) -> Batch:
        """The rows under `instances` in a body; bad ones are kept apart from good ones.

        Raises:
            BadRequestError: if the body as a whole is not a batch.
        """
        found = parse(body)
        if not isinstance(found, dict) or not isinstance(found.get("instances"), list):
            raise BadRequestError([("instances", f"expected a list of {self._many}")])
        unknown = sorted(set(found) - {"instances"})
        if unknown:
            raise BadRequestError([(str(unknown[0])[:100], "expected only instances")])
        return self.check_all(found["instances"])

    def check_all(self, rows: Sequence[Any]) -> Batch:
        """The rows among JSON values; bad ones are kept apart from good ones.

        Raises:
            BadRequestError: if there are none, or more than a batch may hold.
        """
        if not 1 <= len(rows) <= self._max_batch:
            expected = f"expected 1 to {self._max_batch} {self._many}, got {len(rows)}"
            raise BadRequestError([("instances", expected)])
        columns = plain_columns(self._inputs, rows)
        if columns is not None:
            self._to_doubles(rows, columns)
            return Batch(list(rows), range(len(rows)), {}, columns)
        good: dict[int, Row] = {}
        errors: dict[int, str] = {}
        for place, row in enumerate(rows):
            try:
                good[place] = self.check(row)
            except BadRequestError as error:
                errors[place] = _joined(error.problems)
        return Batch(list(good.values()), list(good), errors)


def _joined(problems: Sequence[tuple[str | None, str]]) -> str:
    """What is wrong with a row of a batch, in one text that does not grow with the row."""
    told = [f"{field}: {text}" if field else text for field, text in problems[:TOLD]]
    rest = len(problems) - TOLD
    return "; ".join([*told, f"and {rest} more"] if rest > 0 else told)


def whole(value: Any) -> Any:
    """The whole number that 5.0 stands for, as JSON has it; any other value as it is."""
    return int(value) if type(value) is float and value.is_integer() else value


def parse(body: bytes) -> Any:
    """The JSON value in a body.

    Raises:
        BadRequestError: if it is none.
    """
    try:
        return read_json(body)
    except BadJsonError as error:
        raise BadRequestError([(error.field, str(error))]) from None


def _told(problem: Any, *, private: bool) -> str:
    if problem["type"] == "missing":
        return "required, but missing"
    if problem["type"] == "extra_forbidden":
        return "not an input of the model"
    if problem["type"] == "dict_type":
        return "expected an object with the inputs of one row"
    # Answers are kept in logs that go further than requests do.
    return str(problem["msg"]) + ("" if private else f", got {str(problem['input'])[:60]!r}")
