"""Pictures of distributions: quantities by class, and what is missing."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.columns import Column
from hitcast.exploring.classes import Drawn, drawn
from hitcast.exploring.look import (
    BLUE,
    DARK,
    VERMILION,
    as_counts,
    as_percent,
    as_values,
    legend_below,
    new_figure,
    panels,
    plain,
    shortened,
)
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.bins import gaps
from hitcast.exploring.words import (
    axis_of,
    capital,
    counted,
    title_of,
    with_unit,
)

FEW_NAMES = 12
"""Up to so many values are named at an axis."""


def draw_numbers(subject: Subject, summary: pd.DataFrame, bins: pd.DataFrame) -> Figure:
    """Each quantity by class, the one that tells most first."""
    order = list(gaps(bins).index)
    across = min(4, len(order))
    title = _numbers_title(subject, order[0], alone=len(order) == 1)
    figure = new_figure(1.1 + 2.1 * -(-len(order) // across), subject.note, title)
    medians = summary.set_index("column")
    classes = drawn(subject.kinds, {k.key: float(bins[k.key].sum()) for k in subject.kinds})
    # The positive one of two lies on top.
    classes = classes[::-1] if subject.has_two_classes else classes
    for axes, name in zip(panels(figure, len(order), across), order, strict=True):
        column, part = subject.use_case.column(name), bins[bins["column"] == name]
        _shapes(axes, classes, part)
        if subject.has_two_classes:
            axes.set_title(_two_medians(column, medians.loc[name]), fontsize=8, color=DARK)
        axes.set_xlabel(axis_of(column), fontsize=8)
        as_values(axes.xaxis, column)
        _name_values(axes, column, part)
    if subject.has_two_classes:
        figure.axes[0].legend(fontsize=8, frameon=False)
    else:
        legend_below(figure, figure.axes[0])
    figure.supylabel("share of the class", fontsize=9)
    return figure


def _numbers_title(subject: Subject, first: str, *, alone: bool) -> str:
    name = capital(title_of(subject.use_case.column(first)))
    if not subject.has_two_classes:
        told = "in each class" if alone else "tells the classes apart best"
        return f"{name} {told} ({subject.noun})"
    best = f"{name} tells {subject.positive} {subject.noun} from the others best"
    if alone:
        best = f"{name} of {subject.positive} {subject.noun} and of the others"
    return f"{best}\n(above each panel: median of the {subject.positive} ones / of the others)"


def _two_medians(column: Column, medians: pd.Series) -> str:
    plain_column = column.model_copy(update={"unit": None}) if column.unit != "year" else column
    return " / ".join(
        with_unit(plain_column, float(medians[f"median_{kind}"])) for kind in ("positive", "other")
    )


def draw_missing(subject: Subject, missing: pd.DataFrame, reasons: pd.DataFrame) -> Figure | None:
    """Missing values by column and lines in quarantine by reason; None where there are neither."""
    some = missing[missing["missing"] > 0]
    bars = [
        (some["column"], some["missing"], f"{subject.use_case.many} without a value", BLUE),
        (reasons["reason"][:12], reasons["lines"][:12], "lines in quarantine", VERMILION),
    ]
    bars = [bar for bar in bars if len(bar[0])]
    if not bars:
        return None
    title = (
        f"{counted(len(some), 'column')} with gaps, {counted(len(reasons), 'reason')} to turn a "
        f"line away ({subject.noun})"
    )
    figure = new_figure(1.4 + 0.3 * sum(len(names) for names, *_ in bars), subject.note, title)
    ratios = [len(names) + 1 for names, *_ in bars]
    for axes, (names, counts, what, colour) in zip(
        figure.subplots(len(bars), 1, height_ratios=ratios, squeeze=False).flatten(),
        bars,
        strict=True,
    ):
        drawn = plain(axes).barh(
            [shortened(n, 70) for n in names][::-1], list(counts)[::-1], color=colour
        )
        axes.bar_label(drawn, fmt="{:,.0f}", padding=3, fontsize=8)
        axes.set_xlabel(what, fontsize=9)
        axes.margins(x=0.1)
        as_counts(axes.xaxis)
    return figure


def _shapes(axes: Any, classes: Sequence[Drawn], part: pd.DataFrame) -> None:
    """Each class as shares of its own rows, one shape over the other."""
    edges = [*part["start"], part["end"].iloc[-1]] if len(part) else [0.0, 1.0]
    for one in classes:
        counts = part[one.keys].sum(axis=1)
        shares = counts / max(counts.sum(), 1) if len(part) else [0.0]
        axes.stairs(shares, edges, color=one.colour, linewidth=1.4, label=one.name)
        if len(classes) == 2:
            axes.stairs(shares, edges, color=one.colour, fill=True, alpha=0.15)
    as_percent(axes.yaxis)
    axes.set_ylim(bottom=0)


def _name_values(axes: Any, column: Column, part: pd.DataFrame) -> None:
    """Name the whole numbers of an axis where each stands for something."""
    values: Sequence[float] = list((part["start"] + part["end"]) / 2)
    if column.names is None or len(values) > FEW_NAMES + 1:
        return
    names = [column.names.get(int(value), f"{value:g}") for value in values]
    turned = len(names) > 3
    axes.set_xticks(values, names, rotation=90 if turned else 0, fontsize=7 if turned else 8)
