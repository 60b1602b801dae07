"""Large batches column by column: a quick proof that all rows are good.

It refuses nothing: rows that it can't prove good are left to the request's pydantic model, which
takes five times as long and names what is wrong.
"""

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Literal

from hitcast.declaration.columns import Column
from serving.bodies import ROW_BYTES

Row = dict[str, Any]
LONGEST_TEXT = 500
FLOATS = (-1e300, 1e300)
"""Within these the sum of a batch is finite; what is beyond is looked at one by one."""
INTEGERS = (-(2**31), 2**31 - 1)
"""What a whole number may be where nothing is declared: Spark's `int`, which trainings read."""
KINDS: dict[str, set[type]] = {"text": {str}, "integer": {int}, "number": {int, float}}
Kind = Literal["text", "integer", "number"]
OF_A_CHARACTER = 12
"""Bytes at most, as JSON may write it: those beyond the first 65,536 as two escapes."""


def kind_of(column: Column) -> Kind:
    """What callers send for a column: for a category, the whole number that stands for it."""
    return "integer" if column.type == "category" else column.type


def longest(column: Column) -> int:
    """The most characters of a text."""
    return column.max_length or LONGEST_TEXT


def bytes_of(inputs: Sequence[Column]) -> int:
    """The most bytes of a body with one row, white space aside."""
    return ROW_BYTES + OF_A_CHARACTER * sum(c.max_length or 0 for c in inputs)


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
    kinds = set(map(type, values))
    if not kinds <= KINDS[kind_of(column)]:
        return False
    if column.type == "text":
        lengths = set(map(len, values))
        if column.pattern or not 1 <= min(lengths) <= max(lengths) <= longest(column):
            return False
        return not any(map(_is_half, set(values)))
    least, most = INTEGERS if int in kinds else FLOATS
    low = least if column.minimum is None else max(least, column.minimum)
    high = most if column.maximum is None else min(most, column.maximum)
    # NaN is within no limits, but may hide from min and max: a sum with one in it is NaN too.
    return bool(low <= min(values) and max(values) <= high and not math.isnan(sum(values)))


def _is_half(text: str) -> bool:
    """Whether a text holds half a character, which UTF-8 can't write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
