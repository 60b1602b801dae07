"""What several versions say of one row, side by side."""

from collections import Counter
from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from answers import Prediction, Schema
from components.charts.palette import FILL, TRACK, AnyChart, ink
from components.registry.versions import Version
from components.verdict import headline
from components.words import NO_DIFFERENCE, percent, plain, points
from refusals import ApiError

Asked = Sequence[tuple[Version, Prediction | ApiError]]
"""Versions with their answers, or why there is none."""
Answered = Sequence[tuple[Version, Prediction]]
BAR, CLASS = 46, 28
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
        if schema.several:
            st.altair_chart(by_class(schema, answered), alt=described(answered), key="versions")
            st.caption("Bars are probabilities of each class; each version's answer is in colour.")
            return
        st.altair_chart(chart(answered), alt=described(answered), key="versions")
        of = f" of being {plain(schema.positive)}" if schema.classes else ""
        says = schema.classes[-1] if schema.classes else schema.positive
        st.caption(
            f"Bars are probabilities{of}; the mark on each is that version's own threshold, from "
            f"which on it says {plain(says)}. So compare verdicts first."
        )


def card(
    schema: Schema, version: Version, answer: Prediction, first: tuple[Version, Prediction]
) -> None:
    """One version's probability, how far it is from the first one's, and the verdict."""
    # Of several classes, that which the first one answers.
    label = str(first[1].label)
    found, other = (
        said.probabilities[label] if schema.several else said.probability
        for said in (answer, first[1])
    )
    difference = found - other
    same, is_first = abs(difference) < NO_DIFFERENCE, version is first[0]
    st.metric(
        version.label, percent(found), delta_color="off",
        delta=None if is_first else "no difference" if same else points(difference),
        delta_arrow="off" if same else "up" if difference > 0 else "down",
        delta_description=None if is_first else f"against version {first[0].number}",
    )  # fmt: skip
    verdict = f"**{plain(headline(schema, answer))}**"
    if answer.threshold is None:
        other_class = f"; the figure is that of {plain(label)}" if answer.label != label else ""
        st.markdown(f"{verdict}{other_class}")
    else:
        st.markdown(f"{verdict}, threshold {percent(answer.threshold)}")
    if answer.generated:
        st.caption(f"Trained on generated {schema.many}")


def lost(version: Version, error: ApiError) -> None:
    """In place of an answer: that there is none, and why."""
    st.markdown(f"**{version.label}**")
    st.warning("No answer from this one; it is asked again and again.", icon=":material/link_off:")
    with st.expander("Why"):
        st.caption(str(error))


def agreement(schema: Schema, answered: Answered) -> str:
    """How many say what."""
    said = Counter(answer.label for _, answer in answered)
    verdict = headline(schema, answered[0][1])
    if len(said) == 1:
        who = "Both" if len(answered) == 2 else f"All {len(answered)}"
        told = plain(verdict) if schema.classes else verdict.lower()
        return f"{who} agree: {told}."
    if not schema.classes:
        return f"They disagree: {said[1]} of {len(answered)} say likely {schema.positive}."
    each = ", ".join(f"{count} × {plain(str(label))}" for label, count in said.most_common())
    return f"They disagree: {each}."


def by_class(schema: Schema, answered: Answered) -> AnyChart:
    """A bar for each class and version."""
    rows = [
        {"version": version.label, "class": name, "probability": answer.probabilities[name],
         "color": FILL if name == answer.label else TRACK}
        for version, answer in answered
        for name in schema.classes
    ]  # fmt: skip
    share = alt.Axis(format="%", title=None, values=[0, 0.5, 1])
    bars = alt.Chart(pd.DataFrame(rows), height=CLASS * len(schema.classes) + 10, width=200)
    bars = bars.mark_bar(height=CLASS - 8, cornerRadius=3).encode(
        y=alt.Y("class:N", sort=None, axis=alt.Axis(title=None, labelLimit=150)),
        x=alt.X("probability:Q", axis=share, scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("color:N", scale=None),
        tooltip=[
            alt.Tooltip("version:N", title="Version"), alt.Tooltip("class:N", title="Class"),
            alt.Tooltip("probability:Q", title="Probability", format=".1%"),
        ],
    )  # fmt: skip
    found: alt.FacetChart = bars.facet(
        facet=alt.Facet("version:N", title=None, sort=None), columns=3
    )
    return found


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
    return "; ".join(f"{version.label}: {_told(answer)}" for version, answer in answered)


def _told(answer: Prediction) -> str:
    if answer.threshold is None:
        return f"{answer.label}, probability {percent(answer.chance)}"
    return f"probability {percent(answer.probability)}, threshold {percent(answer.threshold)}"
