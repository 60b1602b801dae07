"""What several versions say of one row, side by side."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from answers import Prediction, Schema
from components import verdict
from components.charts.palette import FILL, AnyChart, ink
from components.registry.versions import Version
from components.words import NO_DIFFERENCE, percent, points
from refusals import ApiError

Asked = Sequence[tuple[Version, Prediction | ApiError]]
"""Versions with their answers, or why there is none."""
Answered = Sequence[tuple[Version, Prediction]]
BAR = 46
BESIDE = 1.03
"""Where the figures stand: right of all bars and marks."""


def show(schema: Schema, asked: Asked) -> None:
    """A card for each version, whether they agree, and a chart."""
    answered = [(v, answer) for v, answer in asked if isinstance(answer, Prediction)]
    grid = st.grid(min(3, max(1, len(asked))), min_column_width=220)
    for version, answer in asked:
        with grid.container(border=True, height="stretch"):
            if isinstance(answer, Prediction):
                card(schema, version, answer, answered[0])
            else:
                lost(version, answer)
    if len(answered) > 1:
        st.markdown(agreement(schema, answered))
        st.altair_chart(chart(answered), alt=described(answered), key="versions")
        st.caption(
            "Bars are probabilities; the mark on each is that version's own threshold, from which "
            f"on it says {schema.output}. So compare verdicts first."
        )


def card(
    schema: Schema, version: Version, answer: Prediction, first: tuple[Version, Prediction]
) -> None:
    """One version's probability, how far it is from the first one's, and the verdict."""
    difference = answer.probability - first[1].probability
    same, is_first = abs(difference) < NO_DIFFERENCE, version is first[0]
    st.metric(
        version.label, percent(answer.probability), delta_color="off",
        delta=None if is_first else "no difference" if same else points(difference),
        delta_arrow="off" if same else "up" if difference > 0 else "down",
        delta_description=None if is_first else f"against version {first[0].number}",
    )  # fmt: skip
    st.markdown(f"**{verdict.headline(schema, answer)}**, threshold {percent(answer.threshold)}")
    if answer.generated:
        st.caption(f"Trained on generated {schema.entity}s")


def lost(version: Version, error: ApiError) -> None:
    """In place of an answer: that there is none, and why."""
    st.markdown(f"**{version.label}**")
    st.warning("No answer from this one; it is asked again and again.", icon=":material/link_off:")
    with st.expander("Why"):
        st.caption(str(error))


def agreement(schema: Schema, answered: Answered) -> str:
    """How many say yes."""
    yes = sum(answer.positive for _, answer in answered)
    if yes in (0, len(answered)):
        who = "Both" if len(answered) == 2 else f"All {len(answered)}"
        return f"{who} agree: {verdict.headline(schema, answered[0][1]).lower()}."
    return f"They disagree: {yes} of {len(answered)} say likely {schema.output}."


def chart(answered: Answered) -> AnyChart:
    """A bar for each probability, with its version's threshold."""
    rows = [
        {"version": version.label, "probability": answer.probability, "text":
         percent(answer.probability), "threshold": answer.threshold}
        for version, answer in answered
    ]  # fmt: skip
    y = alt.Y("version:N", sort=None, axis=alt.Axis(title=None, labelLimit=150))
    share = alt.Axis(format="%", title=None, values=[0, 0.25, 0.5, 0.75, 1])
    x = alt.X("probability:Q", axis=share, scale=alt.Scale(domain=[0, BESIDE + 0.1]))
    tips = [
        alt.Tooltip("version:N", title="Version"),
        alt.Tooltip("probability:Q", title="Probability", format=".1%"),
        alt.Tooltip("threshold:Q", title="Threshold", format=".1%"),
    ]
    base = alt.Chart(pd.DataFrame(rows), height=BAR * len(rows) + 30).encode(y=y, tooltip=tips)
    bars = base.mark_bar(color=FILL, height=22, cornerRadius=4).encode(x=x)
    marks = base.mark_tick(color=ink(), thickness=3, size=34).encode(x="threshold:Q")
    texts = base.mark_text(color=ink(), align="left", fontSize=13)
    texts = texts.encode(x=alt.datum(BESIDE), text="text:N")
    return alt.layer(bars, marks, texts)


def described(answered: Answered) -> str:
    """The chart in words, for those who don't see it."""
    return "; ".join(
        f"{version.label}: probability {percent(answer.probability)}, "
        f"threshold {percent(answer.threshold)}"
        for version, answer in answered
    )
