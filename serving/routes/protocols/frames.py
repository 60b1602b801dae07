"""Rows in the forms that MLflow's scoring server takes: frames, columns, records, CSV.

What that server tolerates is tolerated here: columns that are no inputs are dropped, and whole
numbers may come as floats, as pandas holds them where a column has gaps. Everything else is as
strict as `/predict`.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from hitcast.declaration.use_case import UseCase
from serving.columns import kind_of, longest
from serving.rows import BadRequestError, parse, whole

FORMATS = ("dataframe_records", "dataframe_split", "inputs", "instances")
SHOWN = 20
"""So many names of a body that has no rows are told."""
SPLIT = {"columns", "data", "index"}


@dataclass(frozen=True)
class Frame:
    """The rows of a body, not yet checked."""

    rows: Sequence[Any]


class FrameReader:
    """Reads bodies for one use case."""

    def __init__(self, use_case: UseCase) -> None:
        self._types = {column.name: kind_of(column) for column in use_case.inputs}
        self._names = frozenset(self._types)
        self._integers = [name for name, kind in self._types.items() if kind == "integer"]
        # Python's own limit of a field is below the longest text that may be declared.
        most = max(map(longest, use_case.inputs), default=0)
        csv.field_size_limit(max(csv.field_size_limit(), most + 1))

    def read(self, body: bytes, *, as_csv: bool = False) -> Frame:
        """The rows in a body, JSON or CSV.

        Raises:
            BadRequestError: if it has none of the forms.
        """
        return Frame(self._tidied(self._csv_rows(body) if as_csv else _json_rows(body)))

    def _tidied(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows, changed in their place: nobody else has them."""
        dicts = [row for row in rows if type(row) is dict]
        more: set[str] = set().union(*dicts) - self._names
        if more:
            for row in dicts:
                for name in more:
                    row.pop(name, None)
        for name in self._integers:
            if float in set(map(type, map(methodcaller("get", name), dicts))):
                for row in dicts:
                    if name in row:
                        row[name] = whole(row[name])
        return rows

    def _csv_rows(self, body: bytes) -> list[dict[str, Any]]:
        try:
            text = io.StringIO(body.decode("utf-8-sig"), newline="")
            lines = list(csv.reader(text, strict=True))
        except UnicodeDecodeError:
            raise BadRequestError([(None, "expected CSV in UTF-8")]) from None
        except csv.Error as error:
            raise BadRequestError([(None, f"expected CSV, got something else: {error}")]) from None
        filled = [line for line in lines if line]
        header, values = (filled[0], filled[1:]) if filled else ([], [])
        rows = _zipped(header, values)
        return [
            {name: self._value(name, text) for name, text in row.items() if text != ""}
            for row in rows
        ]

    def _value(self, name: str, text: str) -> Any:
        """A cell's number; its text where it is none, which is then refused where it should be."""
        if self._types.get(name, "text") == "text" or not text.isascii() or "_" in text:
            return text
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                continue
        return text


def _json_rows(body: bytes) -> list[Any]:
    found = parse(body)
    given = [name for name in FORMATS if name in found] if isinstance(found, dict) else []
    if len(given) != 1:
        told = f"expected an object with exactly one of {', '.join(FORMATS)}; got {_shown(found)}"
        raise BadRequestError([(None, told)])
    (name,) = given
    held = found[name]
    if name == "dataframe_split":
        return _split_rows(held)
    if isinstance(held, dict) and name != "dataframe_records":
        return _column_rows(name, held)
    if not isinstance(held, list):
        raise BadRequestError([(name, "expected a list with an object for each row")])
    return held


def _shown(found: Any) -> str:
    """What a body holds, in a few words."""
    if not isinstance(found, dict):
        return "a list" if isinstance(found, list) else "a single value"
    names = [name[:40] for name in found]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"one with {', '.join(names[:SHOWN])}{more}" if names else "an empty one"


def _split_rows(held: Any) -> list[dict[str, Any]]:
    name = "dataframe_split"
    if not isinstance(held, dict) or not {"columns", "data"} <= held.keys() <= SPLIT:
        raise BadRequestError([(name, "expected an object with columns and data, maybe index")])
    columns, data = held["columns"], held["data"]
    if not isinstance(columns, list) or set(map(type, columns)) != {str}:
        raise BadRequestError([(name, "expected the columns' names in columns")])
    if not isinstance(data, list) or not set(map(type, data)) <= {list}:
        raise BadRequestError([(name, "expected a list with a list for each row in data")])
    return _zipped(columns, data)


def _zipped(columns: Sequence[str], data: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise BadRequestError([(twice[:100], "expected each column once, got it more than once")])
    if not set(map(len, data)) <= {len(columns)}:
        place = next(n for n, values in enumerate(data) if len(values) != len(columns))
        told = f"expected {len(columns)} values, as there are columns, got {len(data[place])}"
        raise BadRequestError([(f"row {place}", told)])
    return [dict(zip(columns, values, strict=True)) for values in data]


def _column_rows(name: str, held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of columns; values that are no lists make one row."""
    lists = [values for values in held.values() if isinstance(values, list)]
    if not lists:
        return [dict(held)]
    lengths = set(map(len, lists))
    if len(lists) < len(held) or len(lengths) > 1:
        raise BadRequestError([(name, "expected one list a column, all equally long")])
    return [dict(zip(held, values, strict=True)) for values in zip(*lists, strict=True)]
