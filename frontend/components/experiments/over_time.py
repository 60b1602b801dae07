"""An arm's difference from the control over time, with what may be looked at daily."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from components.charts.palette import DOWN, FILL, AnyChart, ink
from components.experiments.arm_report import ArmReport, Compared
from components.experiments.experiment import local, moment
from components.experiments.names import DIRECTION, metric_name, signed, span
from components.experiments.report import Report
from components.words import plain

HEIGHT = 300
EDGE = 8
"""Pixels left and right of the first and the last look."""
ROOM = 1.5
"""Of the picture beyond what it has to show."""


def show(report: Report, arm: ArmReport, looks: Sequence[Compared]) -> None:
    """Draw the looks of one arm."""
    metric = metric_name(report.metric).lower()
    st.markdown(
        f"**{plain(arm.called)} less {plain(report.control)}: difference in {metric} "
        f"({DIRECTION[report.higher_is_better]})**"
    )
    seen = [look for look in looks if look.difference is not None]
    if not seen:
        st.caption("The difference is not known yet: there are no outcomes to compare.")
        return
    drawn = chart(report, seen, f"difference in {metric}")
    st.altair_chart(drawn, alt=described(report, arm, seen), key=f"over_time {arm.alias}")
    st.caption(
        "Dots: the difference at each look, by the outcomes known now. Band: the sequence. Dashed: "
        f"95 % of one look only. Grey: differences below {report.smallest_difference:g}, which do "
        "not matter."
    )


def described(report: Report, arm: ArmReport, looks: Sequence[Compared]) -> str:
    """The picture in words."""
    last = looks[-1]
    return (
        f"{arm.alias} less {report.control}, {report.metric}, {len(looks)} looks: at the last, "
        f"{local(last.at)}, {signed(last.difference)}, sequence "
        f"{span(last.sequence_low, last.sequence_high)}, one look only {span(last.low, last.high)}"
    )


def domain(report: Report, looks: Sequence[Compared]) -> tuple[float, float]:
    """What the picture shows: the first looks are very wide, and nobody needs their ends."""
    ends = [
        abs(end)
        for look in [one for one in looks if one.low is not None and one.high is not None][-1:]
        for end in (look.low, look.high)
        if end is not None
    ]
    if not ends:
        ends = [abs(look.difference) for look in looks if look.difference is not None]
    widest = ROOM * max(4 * report.smallest_difference, *ends)
    return -widest, widest


def chart(report: Report, looks: Sequence[Compared], title: str) -> AnyChart:
    """A band, dashed lines, and the differences on the zone of those that do not matter."""
    table = pd.DataFrame([_row(look) for look in looks])
    scale = alt.Scale(domain=list(domain(report, looks)), nice=False)
    axis = alt.Axis(title=title, format="~g", tickCount=7)
    x = alt.X(
        "at:T", scale=alt.Scale(padding=EDGE),
        axis=alt.Axis(title=None, labelOverlap=True, tickCount=6, grid=False),
    )  # fmt: skip

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=scale, axis=axis)

    zone = pd.DataFrame(
        {"low": [-report.smallest_difference], "high": [report.smallest_difference]}
    )
    grey = alt.Chart(zone, height=HEIGHT).mark_rect(color="#888888", opacity=0.2)
    nought = alt.Chart(pd.DataFrame({"low": [0.0]})).mark_rule(color=ink(), opacity=0.5)
    base = alt.Chart(table).encode(x=x, tooltip=_tips())
    known = base.transform_filter("isValid(datum.sequence_low) && isValid(datum.sequence_high)")
    # Of one look there is no area.
    band: Any = known.mark_area(color=FILL, opacity=0.25, clip=True)
    if len(table) == 1:
        band = known.mark_rule(color=FILL, opacity=0.25, strokeWidth=24, clip=True)
    dashed = base.mark_line(color=DOWN, strokeDash=[5, 4], strokeWidth=2, clip=True)
    if len(table) == 1:
        dashed = base.mark_tick(color=DOWN, thickness=2, size=36, orient="horizontal", clip=True)
    line = base.mark_line(
        color=FILL, strokeWidth=2, clip=True, point=alt.OverlayMarkDef(filled=True, size=50)
    )
    return alt.layer(
        grey.encode(y=y("low"), y2="high"),
        nought.encode(y=y("low")),
        band.encode(y=y("sequence_low"), y2="sequence_high"),
        dashed.encode(y=y("low")),
        dashed.encode(y=y("high")),
        line.encode(y=y("difference")),
    )


def _row(look: Compared) -> dict[str, Any]:
    return {
        "at": moment(look.at),
        "difference": look.difference,
        **{end: getattr(look, end) for end in ("low", "high", "sequence_low", "sequence_high")},
        "told": signed(look.difference),
        "sequence": span(look.sequence_low, look.sequence_high),
        "once": span(look.low, look.high),
        "units": look.units,
    }


def _tips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("at:T", title="Until", format="%Y-%m-%d %H:%M"),
        alt.Tooltip("told:N", title="Difference"),
        alt.Tooltip("sequence:N", title="Sequence"),
        alt.Tooltip("once:N", title="One look only"),
        alt.Tooltip("units:Q", title="Units", format=","),
    ]
