"""A scored batch to look at and to take away: tables, a histogram, a CSV file."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from answers import Schema
from components.charts.palette import FILL, AnyChart, ink
from components.upload.scoring import Batch
from components.words import percent, shortened

PROBABILITY, REASON, LINE = "probability", "reason", "line"
NUMBER = r"-?(0|[1-9]\d{0,14})(\.\d+)?([eE][-+]?\d{1,2})?"
"""What is a number and nothing else: 007 is a name."""
WHOLE = r"-?\d+"
BINS = 10
HEIGHT = 220
VERDICTS = {1: "likely", 0: "not likely"}


def as_csv(batch: Batch, schema: Schema) -> bytes:
    """All rows in the table's order, with its own columns, the answers, and the reasons."""
    return whole(batch, schema).to_csv(index=False).encode(batch.upload.encoding)


def whole(batch: Batch, schema: Schema) -> pd.DataFrame:
    """The table with answers; a column of its own that is called like one of them keeps both."""
    held: list[Any] = batch.answers
    is_text = bool(schema.classes)
    answers: dict[str, Any] = {
        schema.output: pd.array(held, dtype="string[pyarrow]" if is_text else "Int64"),
        PROBABILITY: pd.array(batch.probabilities, dtype="Float64"),
    }
    for name in schema.classes if schema.several else ():
        each = [None if chances is None else chances[name] for chances in batch.by_class]
        answers[f"{PROBABILITY}_{name}"] = pd.array(each, dtype="Float64")
    answers[REASON] = pd.array(batch.reasons, dtype="string[pyarrow]")
    names: list[str] = []
    for name in map(str, batch.upload.cells):
        while name in answers or name in names:
            name += " (uploaded)"
        names.append(name)
    return batch.upload.cells.set_axis(names, axis=1).assign(**answers)


def scored(batch: Batch, schema: Schema) -> pd.DataFrame:
    """The rows that were scored, most likely first; the table's own columns last.

    Of texts that are read word by word, their beginning.
    """
    table = whole(batch, schema).set_index(pd.Index(batch.upload.lines, name=LINE))
    table = table[table[REASON].isna()].drop(columns=REASON)
    table = table.sort_values(PROBABILITY, ascending=False, kind="stable")
    answered = {schema.output, PROBABILITY, *(f"{PROBABILITY}_{c}" for c in schema.classes)}
    long = {column.name for column in schema.texts}
    own = {
        n: table[n].map(shortened) if n in long else as_numbers(table[n])
        for n in table
        if n not in answered
    }
    verdict = table[schema.output]
    if not schema.classes:
        verdict = verdict.map(VERDICTS)
    return pd.DataFrame({schema.output: verdict, PROBABILITY: table[PROBABILITY], **own})


def likely(table: pd.DataFrame, schema: Schema) -> int:
    """How many of the rows that were scored reach the threshold."""
    positive = schema.classes[-1] if schema.classes else VERDICTS[1]
    return int((table[schema.output] == positive).sum())


def counts(table: pd.DataFrame, schema: Schema) -> dict[str, int]:
    """How many of the rows that were scored are what; the likely ones, where there are no names."""
    if not schema.classes:
        return {f"Likely {schema.positive}": likely(table, schema)}
    return {name: int((table[schema.output] == name).sum()) for name in schema.classes}


def as_numbers(cells: "pd.Series[str]") -> "pd.Series[str] | pd.Series[int] | pd.Series[float]":
    """A column as numbers, so that it sorts as such, if it holds nothing else."""
    text = cells.str.strip().replace("", None)
    found = text.dropna()
    if found.empty or not found.str.fullmatch(NUMBER).all():
        return cells
    if found.str.fullmatch(WHOLE).all():
        return text.astype("Int64")
    return text.astype("Float64")


def refused(batch: Batch) -> pd.DataFrame:
    """The rows that could not be scored: the line of the file, and why."""
    found = pd.DataFrame({LINE: batch.upload.lines, REASON: batch.reasons}).dropna()
    return found.reset_index(drop=True)


def show_scored(table: pd.DataFrame, schema: Schema) -> None:
    """Draw the rows that were scored."""
    st.dataframe(
        table,
        alt=f"{schema.many.capitalize()} with their probability, most likely first",
        column_config={
            "_index": st.column_config.NumberColumn("Line", format="%d"),
            schema.output: st.column_config.TextColumn(schema.asked.capitalize()),
            PROBABILITY: st.column_config.ProgressColumn(
                "Probability", format="percent", min_value=0.0, max_value=1.0, width=150
            ),
        },
    )


def show_refused(table: pd.DataFrame) -> None:
    """Draw the rows that could not be scored."""
    st.dataframe(
        table,
        width="content",
        alt="Lines that could not be scored, and why",
        hide_index=True,
        column_config={
            LINE: st.column_config.NumberColumn("Line", width="small", format="%d"),
            REASON: st.column_config.TextColumn("Reason"),
        },
    )


def histogram(
    table: pd.DataFrame, threshold: float, many: str, title: str = "Probability"
) -> AnyChart:
    """How many rows have which probability, with the threshold; `many` is what they are called."""
    counts, edges = np.histogram(table[PROBABILITY].to_numpy(float), BINS, (0.0, 1.0))
    bins = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "rows": counts})
    bins["middle"] = (bins["low"] + bins["high"]) / 2
    axis, scale = alt.Axis(format="%", title=title), alt.Scale(domain=[0, 1])
    # Room for the figures above the bars.
    rows = alt.Y("rows:Q", title=many.capitalize(), axis=alt.Axis(tickMinStep=1),
                 scale=alt.Scale(domain=[0, 1.15 * int(counts.max())]))  # fmt: skip
    whole = alt.Chart(bins, height=HEIGHT)
    bars = whole.mark_bar(color=FILL).encode(
        x=alt.X("low:Q", bin="binned", axis=axis, scale=scale), x2="high:Q", y=rows,
        tooltip=[alt.Tooltip("low:Q", format=".0%", title="From"),
                 alt.Tooltip("high:Q", format=".0%", title="To"),
                 alt.Tooltip("rows:Q", format=",", title=many.capitalize())],
    )  # fmt: skip
    figures = whole.mark_text(color=ink(), dy=-8, fontSize=11).encode(
        x=alt.X("middle:Q", axis=axis, scale=scale), y=rows, text=alt.Text("rows:Q", format=".3~s")
    )
    mark = alt.Chart(pd.DataFrame({"low": [threshold]}))
    place = alt.X("low:Q", axis=axis, scale=scale)
    right = threshold < 0.7
    return alt.layer(
        bars,
        figures,
        mark.mark_rule(color=ink(), strokeWidth=3).encode(x=place),
        mark.mark_text(
            text=f"threshold {percent(threshold)}", color=ink(), fontSize=13, y=-8,
            align="left" if right else "right", dx=-2 if right else 2,
        ).encode(x=place),
    )  # fmt: skip


def described(table: pd.DataFrame, threshold: float, schema: Schema) -> str:
    """The histogram in words, for those who don't see it."""
    low, middle, high = table[PROBABILITY].quantile([0.1, 0.5, 0.9])
    return (
        f"Histogram of the probabilities of {len(table):,} {schema.many}: half are below "
        f"{percent(middle)}, one in ten is below {percent(low)} and one in ten above "
        f"{percent(high)}; {likely(table, schema):,} reach the threshold of {percent(threshold)}"
    )
