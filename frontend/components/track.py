"""The row that all pages speak of: kept in the session and in the page's address.

Its values are the API's own (milliseconds stay milliseconds); widgets are set from it and write
to it. The address holds every value once one differs from the start, so that it can be shared;
but no value that may tell who somebody is, and no text that is read word by word.
"""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from answers import Input, Row, Schema
from components.words import plain

ROW, ADDRESS, PROBLEMS = "row", "address", "address_problems"


def current(schema: Schema) -> Row:
    """The row as it is: from the session, else from the address, else the examples."""
    given = st.query_params.to_dict()
    if ROW not in st.session_state:
        st.session_state[ROW] = start(schema)
    if given and given != st.session_state.get(ADDRESS):
        values, problems = read_address(schema, given)
        change(values)
        st.session_state[PROBLEMS] = problems
        st.session_state[ADDRESS] = given
    for problem in st.session_state.pop(PROBLEMS, []):
        st.warning(problem)
    row: Row = st.session_state[ROW]
    return row


def start(schema: Schema) -> Row:
    """The examples, which is where a studio begins; what may be left out is left out."""
    return {c.name: first(c) if c.required else None for c in schema.inputs}


def first(column: Input) -> Any:
    """An input's example, else some legal value; None of a text of which none is known.

    A text that is read word by word is for people to give.
    """
    if column.example is not None:
        return column.example
    if column.words:
        return None
    if column.type == "text":
        # Which texts of a private input are known is told to nobody: any other one stands in.
        nothing = column.name if column.private else None
        return min(column.values) if column.values else nothing
    # The legal value that is nearest to 0.
    low, high = column.minimum, highest(column)
    value = max(0.0, low if low is not None else 0.0)
    value = min(value, high if high is not None else value)
    return round(value) if column.type == "integer" else value


def change(values: Mapping[str, Any]) -> None:
    """Replace some of the row's values; for callbacks, which run before the widgets do."""
    row: Row = st.session_state[ROW]
    for name, value in values.items():
        if name in row:
            row[name] = value
            # The widget, if there is one, starts over from the row.
            for key in (widget_key(name), widget_key(name, whole=True)):
                st.session_state.pop(key, None)


def entered(page: str) -> None:
    """Have the widgets of another page start over from the row: they share their keys."""
    if st.session_state.get("page") != page:
        st.session_state["page"] = page
        for key in [str(key) for key in st.session_state if str(key).startswith(widget_key(""))]:
            del st.session_state[key]


def widget_key(name: str, *, whole: bool = False) -> str:
    """The key of an input's widget; that of a slider over the whole range where there are two."""
    return f"in_{name}{'_whole' if whole else ''}"


def remember(schema: Schema) -> None:
    """Write the row into the address, all but what is private."""
    row: Row = st.session_state[ROW]
    hidden = {column.name for column in schema.inputs if is_hidden(column)}
    held = {name: value for name, value in row.items() if name not in hidden}
    written = {name: str(value) for name, value in held.items() if value is not None}
    if row == start(schema):
        written = {}
    if written != st.session_state.get(ADDRESS, {}) or st.query_params.to_dict() != written:
        st.session_state[ADDRESS] = written
        st.query_params.from_dict(written)


def is_hidden(column: Input) -> bool:
    """Whether an input stands in no address."""
    return column.private or column.words


def lacking(schema: Schema, row: Row) -> list[Input]:
    """The inputs without which the model gives no answer, and that have no value."""
    return [column for column in schema.inputs if column.required and row[column.name] is None]


def kind(schema: Schema, row: Row) -> str:
    """What a row of its kind is called: the kind, and what any row is called."""
    return _of_kind(schema, row, schema.entity)


def kinds(schema: Schema, row: Row) -> str:
    """What several rows of its kind are called."""
    return _of_kind(schema, row, schema.many)


def _of_kind(schema: Schema, row: Row, noun: str) -> str:
    value = row[schema.profiles_by] if schema.profiles_by else None
    return noun if value is None else f"{value} {noun}"


def sent(row: Row) -> Row:
    """The row as it is sent: without what is left out."""
    return {name: value for name, value in row.items() if value is not None}


def highest(column: Input) -> float | None:
    """The largest legal value: years end with the present one."""
    if column.unit == "year" and column.maximum is not None:
        return min(column.maximum, date.today().year)
    return column.maximum


def read_address(schema: Schema, given: Mapping[str, str]) -> tuple[Row, list[str]]:
    """The values that an address holds, and what is wrong with those that can't be used."""
    values: Row = {}
    problems = []
    inputs = {column.name: column for column in schema.inputs if not is_hidden(column)}
    for name, text in given.items():
        column = inputs.get(name)
        if column is None:
            continue
        try:
            values[name] = _read(column, text)
        except ValueError as error:
            told = plain(f"{name}={text[:60]}")
            problems.append(f"The address says {told}: {error}. It was left out.")
    return values, problems


def _read(column: Input, text: str) -> Any:
    if column.type == "text":
        if column.values and text not in column.values:
            raise ValueError(f"expected a {column.name} that the model knows")
        return text
    try:
        value = int(text) if column.type == "integer" else float(text)
    except ValueError:
        raise ValueError(f"expected a number of type {column.type}") from None
    low, high = column.minimum, highest(column)
    # Not a number is in no range, which a comparison the other way round would miss.
    within = (low is None or low <= value) and (high is None or value <= high)
    if not (within and math.isfinite(value)):
        raise ValueError(f"expected {legal_range(low, high)}")
    return value


def legal_range(low: float | None, high: float | None) -> str:
    """What a number may be, in words."""
    if low is not None and high is not None:
        return f"{low:.9g} to {high:.9g}"
    if low is not None:
        return f"at least {low:.9g}"
    return "a finite number" if high is None else f"at most {high:.9g}"
