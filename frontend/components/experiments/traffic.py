"""Predictions by day and arm."""

import altair as alt
import pandas as pd
import streamlit as st

from components.charts.palette import SERIES, AnyChart
from components.experiments.names import count
from components.experiments.report import Report

HEIGHT = 240


def show(report: Report) -> None:
    """Draw what came in, day by day."""
    if not report.traffic:
        return
    st.subheader("Traffic")
    st.altair_chart(chart(report), alt=described(report), key="traffic")
    st.caption("Predictions by day (UTC) and arm.")


def described(report: Report) -> str:
    """The bars in words."""
    days = {day for day, *_ in report.traffic}
    each = ", ".join(f"{arm.called} {count(arm.predictions)}" for arm in report.arms)
    return f"Predictions on {len(days)} days: {each}"


def chart(report: Report) -> AnyChart:
    """A group of bars for each day."""
    columns = ["day", "arm", "predictions", "units"]
    table = pd.DataFrame(report.traffic, columns=columns)
    arms = [arm.alias for arm in report.arms]
    tips = [
        alt.Tooltip("day:N", title="Day"), alt.Tooltip("arm:N", title="Arm"),
        alt.Tooltip("predictions:Q", title="Predictions", format=","),
        alt.Tooltip("units:Q", title="Units", format=","),
    ]  # fmt: skip
    color = alt.Color(
        "arm:N", scale=alt.Scale(domain=arms, range=list(SERIES[: len(arms)])),
        legend=alt.Legend(title=None, orient="top", labelLimit=160),
    )  # fmt: skip
    bars: alt.Chart = alt.Chart(table, height=HEIGHT).mark_bar()
    return bars.encode(
        x=alt.X("day:O", axis=alt.Axis(title=None, labelOverlap=True, labelAngle=0)),
        xOffset=alt.XOffset("arm:N", sort=arms),
        y=alt.Y("predictions:Q", axis=alt.Axis(title="predictions", format=",")),
        color=color,
        tooltip=tips,
    )
