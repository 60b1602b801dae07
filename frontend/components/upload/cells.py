"""Cells of a table, which are text, in the types of the inputs; and rows for the API from them."""

import math
from typing import Any

from answers import Input, Row, Schema
from components.upload.table import Upload

NAMED = 3
"""Cells that the reason of a row names; it may be all that are wrong."""


def rows_of(
    schema: Schema, upload: Upload, start: int, stop: int
) -> tuple[list[Row], dict[int, str]]:
    """Some rows as they are sent, and why some of them can't be, by their place in the list."""
    part = upload.cells.iloc[start:stop]
    wrong: dict[int, list[str]] = {}
    columns: dict[str, list[Any]] = {}
    for column in schema.inputs:
        if column.name not in part:
            continue
        columns[column.name], problems = typed(column, part[column.name].tolist())
        for place, problem in problems.items():
            wrong.setdefault(place, []).append(f"{column.name}: {problem}")
    names = tuple(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    reasons = {place: _joined(problems) for place, problems in wrong.items()}
    broken = upload.broken.items()
    reasons |= {place - start: why for place, why in broken if start <= place < start + len(part)}
    return rows, reasons


def _joined(problems: list[str]) -> str:
    rest = len(problems) - NAMED
    return "; ".join(problems[:NAMED]) + (f"; and {rest} more" if rest > 0 else "")


def typed(column: Input, cells: list[str]) -> tuple[list[Any], dict[int, str]]:
    """Cells in the input's type (None where there is no value), and what is wrong, by place."""
    cells = list(map(str.strip, cells))
    try:
        return _all_typed(column, cells), {}
    except (ValueError, OverflowError):
        pass
    values: list[Any] = []
    problems: dict[int, str] = {}
    for place, cell in enumerate(cells):
        try:
            values.append(_typed(column, cell))
        except ValueError as error:
            values.append(None)
            problems[place] = str(error)
    return values, problems


def _all_typed(column: Input, cells: list[str]) -> list[Any]:
    """All at once, which is ten times as fast; ValueError if one of them is not plainly good."""
    if column.type == "text":
        values: list[Any] = cells
        plain = all(cells)
    else:
        values = list(map(int if column.type == "integer" else float, cells))
        # A sum is finite only if all its parts are; Python reads 1_000 as a number.
        plain = math.isfinite(sum(values)) and "_" not in "".join(cells)
    if not plain:
        raise ValueError
    return values


def _typed(column: Input, cell: str) -> Any:
    if not cell:
        if column.required:
            raise ValueError("empty")
        return None
    if column.type == "text":
        return cell
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in cell:
        hint = "; decimals are written with a point" if "," in cell else ""
        raise ValueError(f"expected a number, got {cell[:60]!r}{hint}")
    if column.type != "integer":
        return value
    if not value.is_integer():
        raise ValueError(f"expected a whole number, got {cell[:60]!r}")
    return int(value)
