"""What each input, or each word of a text, adds to a row's probability or takes away, as bars."""

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
MOST_WORDS = 15
"""More bars would not be read."""


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
    tips = {"here": "Yours", "typical": "Typical"}
    chart = _bars(table, {"name": "Input", **tips, "text": "Effect"})
    st.altair_chart(chart, alt=described(table, typical), key="effects")
    rest = len(effects) - len(drawn)
    if rest:
        st.caption(f"The other {rest} add or take away less than 0.1 points each.")


def show_words(schema: Schema, words: Sequence[Mapping[str, Any]]) -> None:
    """Draw the effects of the words that count most, largest first.

    Args:
        schema: The inputs.
        words: As `/explain` tells them.
    """
    if not words:
        st.caption("The model knows none of its words.")
        return
    drawn = [word for word in words if abs(word["effect"]) >= NO_DIFFERENCE][:MOST_WORDS]
    if not drawn:
        st.caption("No word makes a difference by itself.")
        return
    several = len({word["column"] for word in words}) > 1
    table = pd.DataFrame([_word(schema, word, several=several) for word in drawn])
    chart = _bars(table, {"name": "Word", "count": "How often", "text": "Effect"})
    st.altair_chart(chart, alt=described(table, "the text without the word"), key="words")
    if rest := len(words) - len(drawn):
        known = "other word" if rest == 1 else f"other {rest} words"
        st.caption(f"The {known} that the model knows make less of a difference.")


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


def _word(schema: Schema, effect: Mapping[str, Any], *, several: bool) -> dict[str, Any]:
    """A word's bar; `several` says whether there are several texts that may hold the word."""
    text = f" ({title_of(schema.named(effect['column']))})" if several else ""
    return {
        "name": f"{effect['word']}{text}",
        "effect": effect["effect"],
        "text": points(effect["effect"]),
        "count": f"{effect['count']:,}",
        "color": FILL if effect["effect"] > 0 else DOWN,
    }


def _bars(table: pd.DataFrame, tips: Mapping[str, str]) -> AnyChart:
    """The bars; `tips` are the fields that a pointer shows, with their titles."""
    widest = max(WIDEST_AT_LEAST, float(table["effect"].abs().max()))
    # Room for the text beside the longest bar.
    low = min(0.0, float(table["effect"].min())) - 0.4 * widest
    high = max(0.0, float(table["effect"].max())) + 0.4 * widest
    base = alt.Chart(table, height=ROW_HEIGHT * len(table) + 20).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=200, ticks=False)),
        x=alt.X("effect:Q", title=None, axis=None, scale=alt.Scale(domain=[low, high])),
        tooltip=[alt.Tooltip(name, title=title) for name, title in tips.items()],
    )
    bars = base.mark_bar(height=16, cornerRadius=2).encode(color=alt.Color("color:N", scale=None))
    right = base.transform_filter("datum.effect > 0").mark_text(align="left", dx=5, color=ink())
    left = base.transform_filter("datum.effect <= 0").mark_text(align="right", dx=-5, color=ink())
    zero = alt.Chart(pd.DataFrame({"effect": [0]})).mark_rule(color=ink()).encode(x="effect:Q")
    return alt.layer(bars, right.encode(text="text"), left.encode(text="text"), zero)
