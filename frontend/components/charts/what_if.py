"""What the model would say over one input's range, all else as it is."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from answers import Input, Row
from components.charts.palette import DOWN, FILL, AnyChart, ink
from components.track import highest
from components.words import label_of, percent, shown, shown_unit

HEIGHT = 260


def show(column: Input, row: Row, explained: Mapping[str, Any]) -> None:
    """Draw the curve with the row's own point and the threshold.

    Args:
        column: The input that the curve runs over.
        row: The row.
        explained: The answer of `/explain` with a `curve`.
    """
    table = _points(column, explained["curve"])
    st.altair_chart(
        _curve(column, row, table, explained), alt=described(column, table, explained), key="curve"
    )
    best = table.iloc[int(table["probability"].argmax())]
    now = f"{shown(column, row[column.name])}, {percent(explained['probability'])}"
    where = "It is left out now" if row[column.name] is None else "The dot is where it is now"
    st.caption(f"Highest at {best['shown']}: {percent(best['probability'])}. {where}: {now}.")


def described(column: Input, table: pd.DataFrame, explained: Mapping[str, Any]) -> str:
    """The curve in words."""
    first, last = table.iloc[0], table.iloc[-1]
    return (
        f"Probability by {label_of(column)}: {percent(first['probability'])} at {first['shown']}, "
        f"{percent(last['probability'])} at {last['shown']}, between "
        f"{percent(table['probability'].min())} and {percent(table['probability'].max())}"
    ) + (f"; threshold {percent(limit)}" if (limit := explained["threshold"]) is not None else "")


def _points(column: Input, curve: Mapping[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame({"value": curve["values"], "probability": curve["probabilities"]})
    most = highest(column)
    table = table if most is None else table[table["value"] <= most]
    table["shown"] = [shown(column, value) for value in table["value"]]
    table["at"] = table["value"] / shown_unit(column)[1]
    table["told"] = table["probability"].map(percent)
    return table


def _curve(column: Input, row: Row, table: pd.DataFrame, explained: Mapping[str, Any]) -> AnyChart:
    value = row[column.name]
    here = pd.DataFrame(
        {
            "at": [None if value is None else value / shown_unit(column)[1]],
            "shown": [shown(column, value)],
            "probability": [explained["probability"]],
            "told": [percent(explained["probability"])],
        }
    )
    x: alt.X | alt.XOrdinal
    limit, coded = explained["threshold"], bool(column.names) or column.category
    if coded:
        x = alt.X("shown:O", sort=None, title=label_of(column), axis=alt.Axis(labelAngle=-45))
    else:
        x = alt.X("at:Q", title=label_of(column), scale=alt.Scale(nice=False, zero=False))
    top = max(0.1, 1.1 * float(table["probability"].max()), 1.1 * (limit or 0.0))
    y = alt.Y(
        "probability:Q", title=None, axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=[0, min(1.0, top)]),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("shown", title=label_of(column)),
        alt.Tooltip("told", title="Probability"),
    ]
    base = alt.Chart(table, height=HEIGHT).encode(x=x, y=y, tooltip=tooltip)
    if coded:
        line = base.mark_point(color=FILL, filled=True, size=60, opacity=1)
    else:
        line = base.mark_line(color=FILL, strokeWidth=3)
    dot = alt.Chart(here).mark_point(
        filled=True, size=180, opacity=1, color=DOWN, stroke=ink(), strokeWidth=1.5
    )
    layers = [line] if value is None else [line, dot.encode(x=x, y=y, tooltip=tooltip)]
    if limit is not None:
        layers[1:1] = _threshold(limit, y)
    return alt.layer(*layers)


def _threshold(limit: float, y: alt.Y) -> list[alt.Chart]:
    """A line where the answer changes, and what it is."""
    mark = alt.Chart(pd.DataFrame({"probability": [limit]})).encode(y=y)
    text = mark.mark_text(
        text=f"threshold {percent(limit)}", align="right", dy=-8, color=ink(), x="width"
    )
    return [mark.mark_rule(color=ink(), strokeDash=[5, 4]), text]
