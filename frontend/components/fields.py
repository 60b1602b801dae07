"""Fields to type into: numbers that have no range to slide over, and texts of many words."""

import math

import streamlit as st

from answers import Input
from components.track import highest, widget_key
from components.words import shown_unit

STEPS = 50
"""So many steps lie where nine rows in ten do."""
NARROW = 0.5
"""Over less than this, hundredths are too few to slide by."""
TALL = 280
"""Pixels of an area for a text; it scrolls, and can be drawn taller."""


def number(column: Input, label: str, note: str, value: float | None) -> float | None:
    """Draw the field; what is typical gives its step, and refuses nothing.

    It may be empty where the input may be left out.

    Args:
        column: The input; one end of its range may be declared.
        label: What it is called.
        note: What it is, for those who ask.
        value: What it is now, in the input's own unit; None: it is left out.
    """
    scale, key = shown_unit(column)[1], widget_key(column.name)
    whole = column.type == "integer"
    kind: type[int] | type[float] = int if whole else float
    step = step_of(column)
    at = None if value is None else kind(value / scale)
    low, high = (
        None if end is None else kind(end / scale) for end in (column.minimum, highest(column))
    )
    st.session_state.setdefault(key, at)
    picked = st.number_input(
        named(column, label), low, high, value="min" if column.required else None, step=step,
        format="%d" if whole else f"%.{decimals(step)}f", key=key, help=note,
    )  # fmt: skip
    # What the field shows may be rounded: a value stays until it is changed.
    return value if picked == at else None if picked is None else kind(picked * scale)


def passage(column: Input, label: str, value: str | None) -> str | None:
    """Draw an area for a text that is read word by word; None where it holds none.

    Args:
        column: The input.
        label: What it is called.
        value: The text; None: there is none yet.
    """
    key = widget_key(column.name)
    st.session_state.setdefault(key, value or "")
    typed = st.text_area(
        named(column, label), key=key, height=TALL, max_chars=column.longest, help=column.meaning,
        placeholder="Type or paste it here",
    )  # fmt: skip
    return typed if typed.strip() else None


def named(column: Input, label: str) -> str:
    """A field's label, which says where it may stay empty."""
    return label if column.required else f"{label} (optional)"


def step_of(column: Input) -> float:
    """A round number that suits the range where nine rows in ten lie."""
    whole = column.type == "integer"
    usual, scale = column.typical, shown_unit(column)[1]
    wide = (usual["high"] - usual["low"]) / scale if usual else 0.0
    if wide <= 0:
        return 1 if whole else 0.01
    step = round_step(wide)
    return max(1, round(step)) if whole else step


def round_step(wide: float) -> float:
    """A round number that goes some fifty times into a range."""
    power = 10.0 ** math.floor(math.log10(wide / STEPS))
    return next((n * power for n in (1, 2, 5) if n * power >= wide / STEPS), 10 * power)


def slider_step(wide: float) -> tuple[float, str]:
    """The step of a slider over a range of numbers, and how its values are written."""
    if wide >= NARROW:
        return (0.01, "%.2f") if wide <= 10 else (0.1, "%.1f")
    step = round_step(wide)
    return step, f"%.{decimals(step)}f"


def decimals(step: float) -> int:
    """So many that a step can be seen, and one more."""
    return max(2, 1 - math.floor(math.log10(step)))
