"""What the model says of a row: verdict, gauge, plain words, and how far to trust them."""

import altair as alt
import pandas as pd
import streamlit as st

from answers import Prediction, Profile, Schema
from components.charts.palette import BASE, FILL, TRACK, AnyChart, ink
from components.words import percent, shown, times_as_likely, title_of

HEIGHT = 130


def headline(schema: Schema, answer: Prediction) -> str:
    """The verdict in a few words."""
    return f"Likely {schema.output}" if answer.positive else f"Not likely {schema.output}"


def show(schema: Schema, answer: Prediction, profile: Profile | None, whom: str) -> None:
    """Draw the verdict.

    Args:
        schema: What the answer is called.
        answer: The model's answer.
        profile: The rows like this one, for the base rate.
        whom: What such a row is called: "a typical techno track".
    """
    st.metric("Verdict", headline(schema, answer), border=True)
    # On a phone the verdict is out of sight while the sliders are in use.
    st.bottom.markdown(f"**{headline(schema, answer)}**: {percent(answer.probability)}")
    st.altair_chart(gauge(answer, profile), alt=described(answer, profile, whom), key="gauge")
    line = f"**{percent(answer.probability)}** probability of being {schema.output}"
    if profile is not None:
        line += f": {times_as_likely(answer.probability, profile.base_rate, whom)}"
    st.markdown(f"{line}.")
    for name in answer.unknown:
        what = title_of(schema.named(name)).lower()
        st.caption(f"The training has not seen this {what}; the answer does without it.")
    for name, (low, high) in answer.outside.items():
        column = schema.named(name)
        seen = f"{shown(column, low)} to {shown(column, high)}"
        st.caption(f"{title_of(column)}: the training has seen {seen}; beyond, this is a guess.")


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
    marks = [("threshold", answer.threshold, ink(), -1)]
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
    text = f"Probability {percent(answer.probability)}, threshold {percent(answer.threshold)}"
    if profile is None:
        return text
    return f"{text}, base rate of {whom} {percent(profile.base_rate)}"
