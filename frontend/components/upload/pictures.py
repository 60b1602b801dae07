"""A scored batch as a picture: probabilities of two classes, numbers of rows of several."""

import altair as alt
import pandas as pd

from answers import Schema
from components.charts.palette import FILL, AnyChart, ink
from components.upload import results

ROW_HEIGHT, BELOW = 30, 60
"""Of a bar, and of the axis with its title."""
BESIDE = 1.2
"""Where the axis ends, in largest bars: right of them there is room for the figures."""


def drawn(table: pd.DataFrame, threshold: float | None, schema: Schema) -> AnyChart:
    """The picture of the rows that were scored."""
    if threshold is None:
        return by_class(results.counts(table, schema), schema.many)
    title = f"Probability of being {schema.positive}" if schema.classes else "Probability"
    return results.histogram(table, threshold, schema.many, title)


def told(table: pd.DataFrame, threshold: float | None, schema: Schema) -> str:
    """The same in words."""
    if threshold is not None:
        return results.described(table, threshold, schema)
    each = (f"{name} {count:,}" for name, count in results.counts(table, schema).items())
    return f"How many of {len(table):,} {schema.many} are of which class: {', '.join(each)}"


def by_class(counts: dict[str, int], many: str) -> AnyChart:
    """A bar for each class."""
    rows = pd.DataFrame({"class": list(counts), "rows": list(counts.values())})
    scale = alt.Scale(domain=[0, BESIDE * max(1, *counts.values())], nice=False)
    base = alt.Chart(rows, height=ROW_HEIGHT * len(rows) + BELOW).encode(
        y=alt.Y("class:N", sort=None, axis=alt.Axis(title=None, labelLimit=160)),
        x=alt.X("rows:Q", title=many.capitalize(), axis=alt.Axis(tickMinStep=1), scale=scale),
        tooltip=[alt.Tooltip("class:N", title="Class"), alt.Tooltip("rows:Q", format=",")],
    )
    bars = base.mark_bar(color=FILL, height=18, cornerRadius=3)
    figures = base.mark_text(color=ink(), align="left", dx=6).encode(
        text=alt.Text("rows:Q", format=",")
    )
    return alt.layer(bars, figures)
