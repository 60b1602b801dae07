"""Rows of the training that are like the present one; a click takes over their values."""

from typing import Any

import streamlit as st

from answers import Input, Row, Schema
from components import track
from components.connection import client
from components.words import plain


def offer(schema: Schema, row: Row, *, where: str, count: int = 5) -> list[dict[str, Any]]:
    """A button for each of the most similar rows.

    Args:
        schema: The inputs.
        row: What they are to be similar to.
        where: Keeps the buttons of one place apart from those of another.
        count: How many at most.

    Returns:
        The rows, as `/similar` tells of them.
    """
    found = client().similar(track.sent(row), count)
    if not found:
        st.caption(f"The training saw no {of_class(schema, schema.entity)} of this kind.")
    for place, reference in enumerate(found):
        st.button(
            named(reference), key=f"take_{where}_{place}", icon=icon(schema),
            on_click=take, args=(schema, reference["features"]), width="stretch",
        )  # fmt: skip
    return found


def of_class(schema: Schema, noun: str) -> str:
    """What references are called: positive ones; of more classes than two, they are of any."""
    if schema.several:
        return noun
    return (
        f"{noun} of class {schema.classes[-1]}" if schema.classes else f"{schema.positive} {noun}"
    )


def icon(schema: Schema) -> str:
    """The use case's own symbol, as Streamlit takes it."""
    return f":material/{schema.words.get('icon') or 'bookmark'}:"


def named(reference: dict[str, Any]) -> str:
    """What a reference row is called, as Markdown: the columns that name it."""
    names = [value for key, value in reference.items() if key not in ("distance", "features")]
    if len(names) < 2:
        return plain(str(names[0])) if names else f"{reference['distance']:g} away"
    *names, score = names
    return f"{' – '.join(plain(str(name)) for name in names)} ({score})"


def take(schema: Schema, values: dict[str, float | None]) -> None:
    """Give the row these values of what can be changed, where they are known; a callback."""
    known = ((c, values.get(c.name)) for c in schema.features)
    track.change({c.name: as_typed(c, value) for c, value in known if value is not None})


def as_typed(column: Input, value: float) -> float:
    """A number in an input's own type: typical ones are medians, which need not be whole."""
    return round(value) if column.type == "integer" else float(value)
