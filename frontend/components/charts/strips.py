"""A row beside the positive rows of its kind: a strip for each input, its own value on it."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from answers import Input, Profile, Profiles, Row, Schema
from components.charts.palette import DOWN, FILL, AnyChart, ink
from components.words import shown, title_of

ROW_HEIGHT = 30
BEYOND = 0.08
"""How far outside the drawn range a value is put that lies beyond it."""


def show(schema: Schema, row: Row, profiles: Profiles, whom: str) -> None:
    """Draw the strips and say what stands out.

    Args:
        schema: The inputs.
        row: The row.
        profiles: Quantiles by value; the row's own kind is compared with the range of all.
        whom: What it is compared with: "popular techno tracks".
    """
    profile = profiles.of(row)
    if not profile.positive:
        st.caption(f"The training saw no {whom}.")
        return
    columns = [c for c in schema.features if c.name in profile.positive]
    table = pd.DataFrame([_strip(column, row, profile, profiles.overall) for column in columns])
    outside = unusual(columns, row, profile)
    told = "; ".join(outside) if outside else "nothing"
    st.altair_chart(_strips(table), key="strips", alt=f"Beside {whom}. Outside the usual: {told}")
    if outside:
        st.markdown(f"Outside what nine in ten {whom} have: {told}.")
    else:
        st.markdown(f"All within what nine in ten {whom} have.")
    st.caption(
        "Thin: nine in ten of them; thick: the middle half; upright line: the median; dot: yours. "
        f"Left to right is low to high among all {schema.entity}s."
    )


def unusual(columns: Sequence[Input], row: Row, profile: Profile) -> list[str]:
    """The inputs outside the 5 % to 95 % of positive rows, with that range."""
    found = []
    for column in columns:
        low, *_, high = profile.positive[column.name]
        value, ends = row[column.name], (shown(column, low), shown(column, high))
        # What is shown as the same is not told as different.
        if not low <= value <= high and shown(column, value) not in ends:
            usual = f"usual {ends[0]} to {ends[1]}"
            found.append(f"{title_of(column)} {shown(column, value)} ({usual})")
    return found


def _strip(column: Input, row: Row, profile: Profile, overall: Profile) -> dict[str, Any]:
    quantiles = profile.positive[column.name]
    known = [profile.positive, profile.other, overall.positive, overall.other]
    ends = [q[column.name] for q in known if q.get(column.name)]
    low, high = min(q[0] for q in ends), max(q[-1] for q in ends)

    def place(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return min(max(share, -BEYOND), 1 + BEYOND)

    names = ("q05", "q25", "q50", "q75", "q95")
    return {
        "name": title_of(column),
        **{name: place(value) for name, value in zip(names, quantiles, strict=True)},
        "here": place(row[column.name]),
        "yours": shown(column, row[column.name]),
        "median": shown(column, quantiles[2]),
        "usual": f"{shown(column, quantiles[0])} to {shown(column, quantiles[-1])}",
    }


def _strips(table: pd.DataFrame) -> AnyChart:
    def x(name: str) -> alt.X:
        domain = alt.Scale(domain=[-BEYOND - 0.02, 1 + BEYOND + 0.02])
        return alt.X(f"{name}:Q", axis=None, scale=domain)

    base = alt.Chart(table, height=ROW_HEIGHT * len(table)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=200, ticks=False)),
        tooltip=[
            alt.Tooltip("name", title="Input"), alt.Tooltip("yours", title="Yours"),
            alt.Tooltip("median", title="Their median"), alt.Tooltip("usual", title="Nine in ten"),
        ],
    )  # fmt: skip
    wide = base.mark_bar(height=4, color=FILL, opacity=0.55).encode(x=x("q05"), x2="q95")
    half = base.mark_bar(height=14, color=FILL, opacity=0.75).encode(x=x("q25"), x2="q75")
    middle = base.mark_tick(thickness=2, size=20, color=ink()).encode(x=x("q50"))
    here = base.mark_point(
        filled=True, size=130, opacity=1, color=DOWN, stroke=ink(), strokeWidth=1.5
    )
    return alt.layer(wide, half, middle, here.encode(x=x("here")))
