"""What each input adds to a row's probability or takes away, as bars."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from answers import Schema
from components.charts.palette import DOWN, FILL, AnyChart, ink
from components.words import NO_DIFFERENCE, points, shown, title_of

WIDEST_AT_LEAST = 0.02
ROW_HEIGHT = 30


def show(schema: Schema, effects: Sequence[Mapping[str, Any]], typical: str) -> None:
    """Draw the effects, largest first.

    Args:
        schema: The inputs.
        effects: As `/explain` tells them.
        typical: What that which the row is compared with is called.
    """
    drawn = [effect for effect in effects if abs(effect["effect"]) >= NO_DIFFERENCE]
    if not drawn:
        st.caption(f"Nothing sets it apart from {typical}.")
        return
    table = pd.DataFrame([_bar(schema, effect) for effect in drawn])
    st.altair_chart(_bars(table), alt=described(table, typical), key="effects")
    rest = len(effects) - len(drawn)
    if rest:
        st.caption(f"The other {rest} add or take away less than 0.1 points each.")


def described(table: pd.DataFrame, typical: str) -> str:
    """The bars in words."""
    told = ", ".join(
        f"{name} {text}" for name, text in zip(table["name"], table["text"], strict=True)
    )
    return f"Against {typical}: {told}"


def _bar(schema: Schema, effect: Mapping[str, Any]) -> dict[str, Any]:
    column = schema.named(effect["feature"])
    return {
        "name": title_of(column),
        "effect": effect["effect"],
        "text": points(effect["effect"]),
        "here": shown(column, effect["value"]),
        "typical": shown(column, effect["typical"]),
        "color": FILL if effect["effect"] > 0 else DOWN,
    }


def _bars(table: pd.DataFrame) -> AnyChart:
    widest = max(WIDEST_AT_LEAST, float(table["effect"].abs().max()))
    # Room for the text beside the longest bar.
    low = min(0.0, float(table["effect"].min())) - 0.4 * widest
    high = max(0.0, float(table["effect"].max())) + 0.4 * widest
    base = alt.Chart(table, height=ROW_HEIGHT * len(table) + 20).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=200, ticks=False)),
        x=alt.X("effect:Q", title=None, axis=None, scale=alt.Scale(domain=[low, high])),
        tooltip=[
            alt.Tooltip("name", title="Input"), alt.Tooltip("here", title="Yours"),
            alt.Tooltip("typical", title="Typical"), alt.Tooltip("text", title="Effect"),
        ],
    )  # fmt: skip
    bars = base.mark_bar(height=16, cornerRadius=2).encode(color=alt.Color("color:N", scale=None))
    right = base.transform_filter("datum.effect > 0").mark_text(align="left", dx=5, color=ink())
    left = base.transform_filter("datum.effect <= 0").mark_text(align="right", dx=-5, color=ink())
    zero = alt.Chart(pd.DataFrame({"effect": [0]})).mark_rule(color=ink()).encode(x="effect:Q")
    return alt.layer(bars, right.encode(text="text"), left.encode(text="text"), zero)
