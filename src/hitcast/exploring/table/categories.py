"""Categories: the share of each class's rows that have each value."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.classes import Drawn, drawn
from hitcast.exploring.look import as_percent, legend_below, new_figure, panels, shortened
from hitcast.exploring.subject import Subject
from hitcast.exploring.words import axis_of, capital, counted, percent, title_of
from hitcast.features.label import LABEL
from hitcast.tables.names import col

MOST = 12
"""Values of a category that a picture shows, those with most rows."""


def count_categories(subject: Subject, columns: Sequence[Column]) -> pd.DataFrame:
    """Count the rows of each class that have each value of each category, in one pass.

    Args:
        subject: The rows and their classes.
        columns: Categories; one or more.

    Returns:
        One row a column and value, values in their order: `column`, `value`, `name` (what it stands
        for), `rows`, and the rows of each class (`positive`, `other`; of more than two `of_NAME`).
        Null values are not counted.
    """
    values = F.array(*(col(column.name).cast("long") for column in columns))
    counts = [F.count(F.when(F.col(LABEL) == k.number, 1)).alias(k.key) for k in subject.kinds]
    found = (
        subject.rows.select(F.posexplode(values).alias("number", "value"), F.col(LABEL))
        .where(F.col("value").isNotNull() & F.col(LABEL).isNotNull())
        .groupBy("number", "value")
        .agg(F.count("*").alias("rows"), *counts)
        .orderBy("number", "value")
        .toPandas()
    )
    of = [columns[number] for number in found.pop("number")]
    found.insert(0, "column", [column.name for column in of])
    names = [(c.names or {}).get(int(v), f"{v}") for c, v in zip(of, found["value"], strict=True)]
    found.insert(2, "name", names)
    return found


def apart(subject: Subject, counted: pd.DataFrame) -> pd.Series:
    """How far the classes lie apart in each category.

    Returns:
        By column, largest first: the greatest share of a class's rows whose values would have to be
        others for it to look like the other classes; 0: distributed alike, 1: no value in common.
    """
    keys = [kind.key for kind in subject.kinds]
    found = {}
    for name, part in counted.groupby("column", sort=False):
        counts = part[keys].to_numpy(float)
        rest = counts.sum(axis=1, keepdims=True) - counts
        shares, others = (c / c.sum(axis=0).clip(min=1) for c in (counts, rest))
        found[str(name)] = float((np.abs(shares - others).sum(axis=0) / 2).max(initial=0.0))
    return pd.Series(found, name="apart", dtype=float).sort_values(ascending=False, kind="stable")


def categories_in_words(subject: Subject, counted_rows: pd.DataFrame) -> list[str]:
    """Which category tells the classes apart most, and by which values."""
    far = apart(subject, counted_rows)
    if far.empty:
        return ["No category has a value."]
    name = str(far.index[0])
    part = counted_rows[counted_rows["column"] == name]
    ranked = sorted(subject.kinds, key=lambda kind: -part[kind.key].sum())[:2]
    kinds = subject.kinds if subject.has_two_classes else ranked
    told = []
    for kind in kinds:
        line = part.iloc[int(part[kind.key].argmax())]
        share = line[kind.key] / max(part[kind.key].sum(), 1)
        told.append(f"{kind.name} has {line['name']} most often ({percent(share)})")
    return [
        f"{counted(len(far), 'category', 'categories')}, whose values stand for something: nothing "
        "lies between two of them, so they are told as shares and correlated with nothing.",
        f"{capital(title_of(subject.use_case.column(name)))} tells the classes apart most "
        f"({percent(far.iloc[0])} of a class would have to change): {'; '.join(told)}.",
    ]


def draw_categories(subject: Subject, counted_rows: pd.DataFrame) -> Figure:
    """The values of each category as shares of each class, what tells most first."""
    order = list(apart(subject, counted_rows).index)
    figure = new_figure(
        1.1 + 2.6 * -(-len(order) // 2), subject.note, "What share of each class has which value"
    )
    rows = {kind.key: float(counted_rows[kind.key].sum()) for kind in subject.kinds}
    classes = drawn(subject.kinds, rows)
    for axes, name in zip(panels(figure, len(order), 2), order, strict=True):
        column = subject.use_case.column(name)
        _bars(axes, counted_rows[counted_rows["column"] == name], classes)
        axes.set_xlabel(axis_of(column), fontsize=8)
    legend_below(figure, figure.axes[0])
    figure.supylabel("share of the class", fontsize=9)
    return figure


def _bars(axes: Any, part: pd.DataFrame, classes: Sequence[Drawn]) -> None:
    shown = part.sort_values("rows", ascending=False, kind="stable")[:MOST].sort_index()
    places = np.arange(len(shown))
    width = 0.8 / len(classes)
    for place, one in enumerate(classes):
        shares = shown[one.keys].sum(axis=1) / max(part[one.keys].to_numpy().sum(), 1)
        axes.bar(
            places - 0.4 + width * (place + 0.5), shares, width, color=one.colour, label=one.name
        )
    turned = len(shown) > 6
    axes.set_xticks(
        places, [shortened(n, 16) for n in shown["name"]], rotation=90 if turned else 0, fontsize=8
    )
    if len(part) > len(shown):
        axes.set_title(f"the {len(shown)} most frequent of {len(part)} values", fontsize=8)
    as_percent(axes.yaxis)
