"""The probability of the positive class as a bar, with the threshold and the base rate."""

import altair as alt
import pandas as pd
import streamlit as st

from answers import Prediction, Schema
from components.charts.palette import BASE, FILL, TRACK, AnyChart, ink
from components.words import percent
from profiles import Profile

HEIGHT = 130


def show(schema: Schema, answer: Prediction, profile: Profile | None, whom: str) -> None:
    """Draw the gauge; `whom` is what a typical row like it is called."""
    told = described(answer, profile, whom)
    if schema.classes:
        told = f"Of being {schema.positive}: {told}"
    st.altair_chart(gauge(answer, profile), alt=told, key="gauge")


def gauge(answer: Prediction, profile: Profile | None) -> AnyChart:
    """A bar for the probability, with the threshold above it and the base rate below."""
    share = alt.X("share:Q", axis=alt.Axis(format="%", title=None, values=[0, 0.25, 0.5, 0.75, 1]),
                  scale=alt.Scale(domain=[0, 1]))  # fmt: skip

    def layer(value: float) -> alt.Chart:
        return alt.Chart(pd.DataFrame({"share": [value]}), height=HEIGHT)

    bars = [
        layer(1.0).mark_bar(color=TRACK, height=26, cornerRadius=4).encode(x=share),
        layer(answer.probability).mark_bar(color=FILL, height=26, cornerRadius=4).encode(x=share),
    ]
    marks = [] if answer.threshold is None else [("threshold", answer.threshold, ink(), -1)]
    if profile is not None:
        marks.append(("base rate", profile.base_rate, BASE, 1))
    for name, value, color, side in marks:
        right = value < 0.7
        mark = layer(value)
        bars.append(mark.mark_tick(color=color, thickness=3, size=44).encode(x=share))
        bars.append(
            mark.mark_text(
                text=f"{name} {percent(value)}", color=color, dy=33 * side, fontSize=13,
                align="left" if right else "right", dx=-2 if right else 2,
            ).encode(x=share)
        )  # fmt: skip
    return alt.layer(*bars)


def described(answer: Prediction, profile: Profile | None, whom: str) -> str:
    """The gauge in words, for those who don't see it."""
    text = f"Probability {percent(answer.probability)}"
    if answer.threshold is not None:
        text += f", threshold {percent(answer.threshold)}"
    if profile is None:
        return text
    return f"{text}, base rate of {whom} {percent(profile.base_rate)}"
