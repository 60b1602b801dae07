"""A row beside rows of one class of its kind: a strip for each input, its own value on it."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from answers import Input, Row, Said, Schema
from components.charts.palette import DOWN, FILL, AnyChart, ink
from components.words import plain, shown, title_of
from profiles import Profile, Profiles, Quantiles

ROW_HEIGHT = 30
BEYOND = 0.08
"""How far outside the drawn range a value is put that lies beyond it."""


def beside(schema: Schema, said: Said, profile: Profile) -> Quantiles:
    """The quantiles of the class that a row is compared with.

    The positive one; where classes have names, the one that the row is said to be of.
    """
    if schema.several:
        return profile.by_class.get(str(said.label), {})
    is_other = bool(schema.classes) and said.label == schema.classes[0]
    return profile.other if is_other else profile.positive


def show(schema: Schema, row: Row, said: Said, profiles: Profiles, whom: str) -> None:
    """Draw the strips and say what stands out.

    Args:
        schema: The inputs.
        row: The row.
        said: What the model says of it.
        profiles: Quantiles by value; the row's own kind is compared with the range of all.
        whom: What those that it is compared with are called.
    """
    profile = profiles.of(row)
    quantiles = beside(schema, said, profile)
    if not quantiles:
        st.caption(f"The training saw no {whom}.")
        return
    columns = [c for c in schema.features if c.name in quantiles and row[c.name] is not None]
    if not columns:
        st.caption("It has no number to lay beside theirs.")
        return
    ends = [quantiles, *(q for p in (profile, profiles.overall) for q in (p.positive, p.other))]
    table = pd.DataFrame([_strip(column, row, quantiles, ends) for column in columns])
    outside = unusual(columns, row, quantiles)
    told = "; ".join(outside) if outside else "nothing"
    st.altair_chart(_strips(table), key="strips", alt=f"Beside {whom}. Outside the usual: {told}")
    if outside:
        st.markdown(f"Outside what nine in ten {plain(whom)} have: {told}.")
    else:
        st.markdown(f"All within what nine in ten {plain(whom)} have.")
    st.caption(
        "Thin: nine in ten of them; thick: the middle half; upright line: the median; dot: yours. "
        f"Left to right is low to high among all {schema.many}."
    )


def unusual(columns: Sequence[Input], row: Row, quantiles: Quantiles) -> list[str]:
    """The inputs outside the 5 % to 95 % of such rows, with that range."""
    found = []
    for column in columns:
        low, *_, high = quantiles[column.name]
        value, ends = row[column.name], (shown(column, low), shown(column, high))
        # What is shown as the same is not told as different.
        if not low <= value <= high and shown(column, value) not in ends:
            usual = f"usual {ends[0]} to {ends[1]}"
            found.append(f"{title_of(column)} {shown(column, value)} ({usual})")
    return found


def _strip(
    column: Input, row: Row, of_class: Quantiles, known: Sequence[Quantiles]
) -> dict[str, Any]:
    quantiles = of_class[column.name]
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
