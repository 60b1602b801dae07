"""One row's tensors in JSON, read in half the time that the thorough way takes.

It refuses nothing: what it can't prove good is left to `infer_request`, which names what is wrong.
"""

from collections.abc import Sequence
from typing import Any

from hitcast.declaration.use_case import UseCase
from serving.columns import Row, kind_of
from serving.routes.protocols.tensors import KINDS, TAKEN

AS_THEY_ARE = {"BYTES", "FP64", "INT64"}
SHAPES = ([1], [1, 1])
FIELDS = 4
"""A tensor's name, shape, datatype and data, and no parameters."""


class OneRow:
    """Reads the tensors of one row for one use case."""

    def __init__(self, use_case: UseCase) -> None:
        self._kinds = {
            (column.name, datatype): KINDS[datatype]
            for column in use_case.inputs
            for datatype in TAKEN[kind_of(column)] & AS_THEY_ARE
        }
        self._required = frozenset(column.name for column in use_case.inputs if column.required)

    def read(self, tensors: Sequence[Any]) -> Row | None:
        """The row, its values not yet checked for their ranges; None: look more closely."""
        row: Row = {}
        kinds = self._kinds
        try:
            for tensor in tensors:
                name, data = tensor["name"], tensor["data"]
                (value,) = data
                plain = type(data) is list and type(value) in kinds[name, tensor["datatype"]]
                if not plain or tensor["shape"] not in SHAPES or len(tensor) != FIELDS:
                    return None
                row[name] = value
        except (KeyError, TypeError, ValueError):
            return None
        return row if len(row) == len(tensors) and self._required <= row.keys() else None
