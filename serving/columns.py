"""Large batches column by column: a quick proof that all rows are good.

It refuses nothing: rows that it can't prove good are left to the request's pydantic model, which
takes five times as long and names what is wrong.
"""

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from hitcast.declaration.columns import Column

Row = dict[str, Any]
LONGEST_TEXT = 500
KINDS: dict[str, set[type]] = {"text": {str}, "integer": {int}, "number": {int, float}}


def plain_columns(inputs: Mapping[str, Column], rows: Sequence[Any]) -> dict[str, list[Any]] | None:
    """The values of each input, if every row holds the same inputs and all values are legal.

    Args:
        inputs: All inputs, by name.
        rows: What a batch holds, not yet checked.

    Returns:
        One list a column, in the rows' order; None where anything is not plainly good.
    """
    if set(map(type, rows)) != {dict} or len(set(map(len, rows))) != 1:
        return None
    names = tuple(rows[0])
    required = {name for name, column in inputs.items() if column.required}
    if len(names) < 2 or not required <= set(names) <= set(inputs):
        return None
    try:
        values = list(zip(*map(itemgetter(*names), rows), strict=True))
    except KeyError:
        return None
    columns = dict(zip(names, map(list, values), strict=True))
    if all(_is_legal(inputs[name], held) for name, held in columns.items()):
        return columns
    return None


def _is_legal(column: Column, values: list[Any]) -> bool:
    if not set(map(type, values)) <= KINDS[column.type]:
        return False
    if column.type == "text":
        lengths = set(map(len, values))
        if column.pattern or not 1 <= min(lengths) <= max(lengths) <= LONGEST_TEXT:
            return False
        return not any(map(_is_half, set(values)))
    # A sum is finite only if all its parts are.
    if not math.isfinite(sum(values)):
        return False
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    return bool(low <= min(values) and max(values) <= high)


def _is_half(text: str) -> bool:
    """Whether a text holds half a character, which UTF-8 can't write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
