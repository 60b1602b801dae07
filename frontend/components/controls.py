"""A widget for each input, made from what the API says of it."""

import streamlit as st

from answers import Input, Row
from components import fields
from components.track import highest, widget_key
from components.words import label_of, shown, shown_unit
from profiles import Profiles

WIDE = 10
"""A slider over a legal range this many times the usual one could not be aimed."""
LEFT_OUT = "left out"
MOST_CODES = 200
"""A list of more numbers would not be looked through."""


def control(column: Input, row: Row, profiles: Profiles | None) -> None:
    """Draw an input's widget and put what it says into the row.

    Args:
        column: The input.
        row: Where its value stands; changed in place.
        profiles: Typical values and usual ranges, if there are any.
    """
    label, note, value = label_of(column), _note(column, row, profiles), row[column.name]
    if column.words:
        row[column.name] = fields.passage(column, label, value)
    elif column.type == "text":
        row[column.name] = _text(column, label, value)
    elif codes := codes_of(column):
        row[column.name] = _coded(column, codes, label, note, value)
    elif slides(column):
        row[column.name] = _number(column, label, note, value, _usual(column, profiles))
    else:
        row[column.name] = fields.number(column, label, note, value)


def slides(column: Input) -> bool:
    """Whether an input has a range to slide over; a slider can't say that it is left out."""
    if not column.required or column.type == "text" or column.category:
        return False
    low, high = column.minimum, highest(column)
    return low is not None and high is not None and _differ(column, (low, high))


def codes_of(column: Input) -> list[int]:
    """The whole numbers that stand for something, where all of them are known."""
    if column.names:
        return sorted(int(number) for number in column.names)
    low, high = column.minimum, highest(column)
    if not column.category or low is None or high is None or high - low > MOST_CODES:
        return []
    return list(range(round(low), round(high) + 1))


def _note(column: Input, row: Row, profiles: Profiles | None) -> str:
    note = f"{column.meaning}."
    typical = profiles.of(row).typical if profiles else {}
    if column.name in typical:
        note += f" Typical here: {shown(column, typical[column.name])}."
    if column.typical is not None and (column.minimum is None or column.maximum is None):
        low, high = (shown(column, column.typical[end]) for end in ("low", "high"))
        note += f" Nine in ten {low} to {high}."
    return note


def _text(column: Input, label: str, value: str | None) -> str | None:
    key = widget_key(column.name)
    label = fields.named(column, label)
    if column.values:
        known = sorted(column.values)
        nothing = known[0] if column.required else None
        st.session_state.setdefault(key, value if value in known else nothing)
        return st.selectbox(
            label, known, index=_first(column), key=key, help=column.meaning, placeholder=LEFT_OUT
        )
    st.session_state.setdefault(key, value or "")
    most = column.longest or 500
    return st.text_input(label, key=key, help=column.meaning, max_chars=most) or None


def _first(column: Input) -> int | None:
    """Which choice a list begins with; that of an input that may be left out can be emptied."""
    return 0 if column.required else None


def _coded(column: Input, codes: list[int], label: str, note: str, value: int | None) -> int | None:
    """A choice among numbers that stand for something; a slider where they have an order."""
    key = widget_key(column.name)
    st.session_state.setdefault(key, None if value is None else int(value))
    names = column.names or {}

    def name_of(number: int) -> str:
        return names.get(str(number), str(number))

    if column.category or not column.required:
        return st.selectbox(
            fields.named(column, label), codes, index=_first(column), format_func=name_of,
            key=key, help=note, placeholder=LEFT_OUT,
        )  # fmt: skip
    return st.select_slider(label, codes, format_func=name_of, key=key, help=note)


def _number(
    column: Input, label: str, note: str, value: float, usual: tuple[float, float] | None
) -> float:
    """A slider over the legal range; over the usual one where that is far narrower."""
    scale, key = shown_unit(column)[1], widget_key(column.name)
    legal = (column.minimum or 0.0, highest(column) or 0.0)
    low, high = legal
    far_wider = usual is not None and high - low > WIDE * (usual[1] - usual[0])
    beyond = usual is not None and not usual[0] <= value <= usual[1]
    if usual and far_wider:
        if beyond or st.session_state.get(f"whole_{column.name}"):
            key = widget_key(column.name, whole=True)
        else:
            low, high = usual
    kind: type[int] | type[float] = int if column.type == "integer" else float
    at, low, high = (kind(number / scale) for number in (value, low, high))
    at = min(max(at, low), high)
    st.session_state.setdefault(key, at)
    step, form = (1, "%d") if kind is int else fields.slider_step(high - low)
    picked = st.slider(label, low, high, step=step, format=form, key=key, help=note)
    if far_wider and not beyond:
        st.checkbox("Whole legal range", key=f"whole_{column.name}")
    # Moved or not: a value that the slider can't show exactly stays until it is moved.
    return value if picked == at else kind(min(max(picked * scale, legal[0]), legal[1]))


def _usual(column: Input, profiles: Profiles | None) -> tuple[float, float] | None:
    """Where nine rows in ten lie, and half as much again on both sides, within the legal range."""
    if profiles is None or column.minimum is None or column.maximum is None:
        return None
    known = (profiles.overall.positive, profiles.overall.other)
    rows = [quantiles[column.name] for quantiles in known if quantiles.get(column.name)]
    if not rows:
        return None
    low, high = min(q[0] for q in rows), max(q[-1] for q in rows)
    beside = (high - low) / 2
    ends = max(column.minimum, low - beside), min(column.maximum, high + beside)
    return ends if _differ(column, ends) else None


def _differ(column: Input, ends: tuple[float, float]) -> bool:
    """Whether a slider has somewhere to go between two values, as it shows them."""
    kind: type[int] | type[float] = int if column.type == "integer" else float
    low, high = (kind(end / shown_unit(column)[1]) for end in ends)
    return low < high
