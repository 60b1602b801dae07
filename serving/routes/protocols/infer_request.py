"""A request of the Open Inference Protocol: one tensor an input, a value a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import probability_names
from serving.columns import Row, kind_of
from serving.routes.protocols.one_row import OneRow
from serving.routes.protocols.tensors import TAKEN, Rest, values_in, values_of
from serving.rows import BadRequestError, parse

SHARED = "shared_memory_region"
HEADER = "Inference-Header-Content-Length"
KEPT_BYTES = 4096
DIGITS = 12
"""A length with more is none."""


@dataclass(frozen=True)
class Inference:
    """What a request asks.

    Attributes:
        rows: The rows to score, not yet checked.
        id: The caller's, echoed.
        outputs: Names of what is wanted, in that order, and whether each is wanted as bytes.
    """

    rows: Sequence[Any]
    id: str | None
    outputs: Sequence[tuple[str, bool]]


class InferenceReader:
    """Reads requests for one use case."""

    def __init__(self, use_case: UseCase) -> None:
        self._taken = {column.name: TAKEN[kind_of(column)] for column in use_case.inputs}
        self._required = [column.name for column in use_case.inputs if column.required]
        self._one_row = OneRow(use_case)
        self._private = frozenset(c.name for c in use_case.inputs if c.private)
        self.outputs = (use_case.label.output, *probability_names(use_case.label.names))

    def read(self, body: bytes, json_bytes: str | None) -> Inference:
        """The rows in a body, and what is wanted of them.

        Args:
            body: JSON, and behind it the binary tensors.
            json_bytes: The header that says how long the JSON is; None: it is all there is.

        Raises:
            BadRequestError: naming what is wrong.
        """
        text, rest = _parts(body, json_bytes)
        # Before binary values the JSON is the same from one request to the next.
        found = parse(text) if json_bytes is None or len(text) > KEPT_BYTES else _parsed(text)
        if type(found) is not dict or type(found.get("inputs")) is not list:
            raise BadRequestError([("inputs", "expected a list with a tensor for each input")])
        row = self._one_row.read(found["inputs"])
        rows = self._rows(found["inputs"], rest) if row is None else [row]
        if rest.left:
            told = f"expected no bytes after the last tensor, got {rest.left}"
            raise BadRequestError([(None, told)])
        name = found.get("id")
        if name is not None and type(name) is not str:
            raise BadRequestError([("id", "expected a text")])
        return Inference(rows, name, self._wanted(found))

    def _rows(self, tensors: Sequence[Any], rest: Rest) -> list[Row]:
        columns = self._columns(tensors, rest)
        each = zip(*columns.values(), strict=True)
        return [dict(zip(columns, values, strict=True)) for values in each]

    def _columns(self, tensors: Sequence[Any], rest: Rest) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = {}
        for tensor in tensors:
            name = tensor.get("name") if type(tensor) is dict else None
            taken = self._taken.get(name) if type(name) is str else None
            if type(name) is not str or taken is None:
                shown = None if name is None else str(name)[:100]
                raise BadRequestError([(shown, "not an input of the model")])
            if name in columns:
                raise BadRequestError([(name, "expected one tensor, got more")])
            try:
                columns[name] = _values(name, tensor, taken, rest)
            except BadRequestError:
                if name not in self._private:
                    raise
                # What is wrong would be told with the value.
                told = f"expected values as they are described, one of {sorted(taken)}"
                raise BadRequestError([(name, told)]) from None
        missing = [name for name in self._required if name not in columns]
        if missing:
            raise BadRequestError([(name, "required, but missing") for name in missing])
        if len(set(map(len, columns.values()))) > 1:
            lengths = {name: len(values) for name, values in columns.items()}
            raise BadRequestError([("inputs", f"expected tensors equally long, got {lengths}")])
        return columns

    def _wanted(self, found: Mapping[str, Any]) -> list[tuple[str, bool]]:
        binary = _flag(_parameters(None, found), "binary_data_output", default=False)
        asked = found.get("outputs")
        if asked is None or asked == []:
            return [(name, binary) for name in self.outputs]
        if type(asked) is not list or not all(type(output) is dict for output in asked):
            raise BadRequestError([("outputs", "expected a list of objects with a name")])
        wanted: dict[str, bool] = {}
        for output in asked:
            name = output.get("name")
            if name not in self.outputs or name in wanted:
                *most, last = self.outputs
                known = f"{', '.join(most)} and {last}"
                told = f"expected {known}, each once, got {str(name)[:60]!r}"
                raise BadRequestError([("outputs", told)])
            parameters = _parameters(name, output)
            if "classification" in parameters or SHARED in parameters:
                told = "classification and shared memory are not offered"
                raise BadRequestError([(name, told)])
            wanted[name] = _flag(parameters, "binary_data", default=binary)
        return list(wanted.items())


@lru_cache(maxsize=256)
def _parsed(text: bytes) -> Any:
    """A JSON value that nobody changes."""
    return parse(text)


def _parts(body: bytes, json_bytes: str | None) -> tuple[bytes, Rest]:
    """A body's JSON, and the bytes behind it."""
    if json_bytes is None:
        return body, Rest(b"")
    plain = json_bytes.isascii() and json_bytes.isdigit() and len(json_bytes) <= DIGITS
    length = int(json_bytes) if plain else -1
    if not 0 <= length <= len(body):
        told = f"expected a number up to {len(body)}, got {json_bytes[:20]!r}"
        raise BadRequestError([(HEADER, told)])
    return body[:length], Rest(body[length:])


def _values(name: str, tensor: Mapping[str, Any], taken: frozenset[str], rest: Rest) -> list[Any]:
    """The values of one tensor, one a row."""
    datatype, shape = tensor.get("datatype"), tensor.get("shape")
    if type(datatype) is not str or datatype not in taken:
        told = f"expected a datatype among {sorted(taken)}, got {str(datatype)[:20]!r}"
        raise BadRequestError([(name, told)])
    # [n] or [n, 1]
    if type(shape) is not list or not (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)):
        raise BadRequestError([(name, f"expected a shape [n] or [n, 1], got {str(shape)[:60]}")])
    size = None
    if "parameters" in tensor:
        parameters = _parameters(name, tensor)
        if SHARED in parameters:
            raise BadRequestError([(name, "shared memory is not offered; send the values")])
        size = parameters.get("binary_data_size")
    if size is None:
        values = values_of(name, datatype, tensor.get("data"))
    else:
        values = values_in(name, datatype, rest.take(name, size))
    if len(values) != shape[0]:
        told = f"expected {str(shape[0])[:20]} values, as the shape says, got {len(values)}"
        raise BadRequestError([(name, told)])
    return values


def _parameters(name: str | None, holder: Mapping[str, Any]) -> dict[str, Any]:
    found = holder.get("parameters")
    if found is None:
        return {}
    if type(found) is not dict:
        raise BadRequestError([(name, "expected an object in parameters")])
    return found


def _flag(parameters: Mapping[str, Any], name: str, *, default: bool) -> bool:
    found = parameters.get(name, default)
    if type(found) is not bool:
        raise BadRequestError([(name, f"expected true or false, got {str(found)[:20]!r}")])
    return found
