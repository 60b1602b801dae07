"""The probability of each of several classes: a bar each, that of the answer in colour."""

from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st

from answers import Said, Schema
from components.charts.palette import BASE, FILL, TRACK, AnyChart, ink
from components.words import percent
from profiles import Profile

ROW_HEIGHT = 30
END = 1.4
"""Of the axis: right of all bars and marks there is room for the figures."""
SIGNS = {"below ": "< ", "above ": "> "}
"""What figures say in the picture, which has little room."""


def show(schema: Schema, said: Said, profile: Profile | None, key: str = "chances") -> None:
    """Draw the bars, with a mark at each class's share among the rows like this one."""
    shares = profile.shares if profile else {}
    st.altair_chart(bars(schema, said, shares), alt=described(schema, said), key=key)
    if shares:
        st.caption("Marks: how frequent each is in the training.")


def described(schema: Schema, said: Said) -> str:
    """The bars in words, for those who don't see them."""
    told = ", ".join(f"{name} {percent(said.probabilities[name])}" for name in schema.classes)
    return f"Probabilities: {told}; the answer is {said.label}"


def bars(schema: Schema, said: Said, shares: Mapping[str, float]) -> AnyChart:
    """A bar for each class, in the order that the schema has."""
    table = pd.DataFrame(
        [
            {
                "class": name,
                "probability": said.probabilities[name],
                "text": _figure(said.probabilities[name]),
                "color": FILL if name == said.label else TRACK,
                "share": shares.get(name),
            }
            for name in schema.classes
        ]
    )
    base = alt.Chart(table, height=ROW_HEIGHT * len(table) + 30).encode(
        y=alt.Y("class:N", sort=None, axis=alt.Axis(title=None, labelLimit=160, ticks=False)),
        tooltip=[alt.Tooltip("class:N", title="Class"), alt.Tooltip("text:N", title="Probability")],
    )  # fmt: skip
    axis = alt.Axis(format="%", title=None, values=[0, 0.25, 0.5, 0.75, 1])
    x = alt.X("probability:Q", axis=axis, scale=alt.Scale(domain=[0, END], nice=False))
    filled = base.mark_bar(height=18, cornerRadius=3).encode(
        x=x, color=alt.Color("color:N", scale=None)
    )
    texts = base.mark_text(color=ink(), align="right", x="width", fontSize=13)
    layers = [filled, texts.encode(text="text:N")]
    if shares:
        layers.append(base.mark_tick(color=BASE, thickness=3, size=24).encode(x="share:Q"))
    return alt.layer(*layers)


def _figure(probability: float) -> str:
    text = percent(probability)
    return next((s + text.removeprefix(w) for w, s in SIGNS.items() if text.startswith(w)), text)
