"""Pictures of distributions: the label, the numeric columns by class, correlations, gaps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.columns import Column
from hitcast.exploring.look import (
    BLUE,
    DARK,
    VERMILION,
    as_counts,
    as_percent,
    as_values,
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
    count,
    counted,
    percent,
    signed,
    title_of,
    with_unit,
)

FEW_NAMES = 12
"""Up to so many values are named at an axis."""


def draw_label(subject: Subject, classes: pd.DataFrame, bins: pd.DataFrame) -> Figure:
    """The label's column, and where the line between the classes is drawn."""
    share = percent(classes["share"].iloc[0])
    title = f"{share} of the {subject.noun} are {subject.positive}: {subject.rule}"
    figure = new_figure(3.6, subject.note, title)
    axes = plain(figure.subplots())
    widths = bins["end"] - bins["start"]
    looks = (("positive", VERMILION, 0 * bins["other"]), ("other", BLUE, bins["positive"]))
    for (kind, colour, bottom), (_, line) in zip(looks, classes.iterrows(), strict=True):
        named = f"{line['class']}: {count(line['rows'])}"
        axes.bar(bins["start"], bins[kind], widths, bottom, align="edge", color=colour, label=named)
    # Between two whole numbers: the lowest positive one is on the right.
    shift = 0.5 if subject.label.type == "integer" else 0.0
    line_at = (subject.use_case.label.at_least or 0.0) - shift
    axes.axvline(line_at, color="black", linestyle="--", linewidth=1)
    axes.set(xlabel=axis_of(subject.label), ylabel=f"{subject.use_case.entity}s")
    as_counts(axes.yaxis)
    axes.legend(frameon=False)
    return figure


def draw_numbers(subject: Subject, summary: pd.DataFrame, bins: pd.DataFrame) -> Figure:
    """Each numeric column by class, the one that tells most first."""
    order = list(gaps(bins).index)
    rows = -(-len(order) // 4)
    first = title_of(subject.use_case.column(order[0]))
    title = (
        f"{capital(first)} tells {subject.positive} {subject.noun} from the others best\n"
        f"(above each panel: median of the {subject.positive} ones / of the others)"
    )
    figure = new_figure(1.1 + 2.1 * rows, subject.note, title)
    medians = summary.set_index("column")
    for axes, name in zip(panels(figure, len(order), 4), order, strict=True):
        column, part = subject.use_case.column(name), bins[bins["column"] == name]
        _shapes(axes, subject, part)
        plain_column = column.model_copy(update={"unit": None}) if column.unit != "year" else column
        told = (
            with_unit(plain_column, float(medians[f"median_{kind}"][name]))
            for kind in ("positive", "other")
        )
        axes.set_title(" / ".join(told), fontsize=8, color=DARK)
        axes.set_xlabel(axis_of(column), fontsize=8)
        as_values(axes.xaxis, column)
        _name_values(axes, column, part)
    figure.axes[0].legend(fontsize=8, frameon=False)
    figure.supylabel("share of the class", fontsize=9)
    return figure


def draw_correlations(subject: Subject, matrix: pd.DataFrame) -> Figure:
    """All correlations as a table of colours, the label's column first."""
    names = [title_of(subject.use_case.column(str(name))) for name in matrix.columns]
    label = matrix[subject.label.name].drop(subject.label.name).dropna()
    title = "Red rises together, blue against each other"
    if len(label):
        most = str(label.abs().idxmax())
        told = f"{title_of(subject.use_case.column(most))} ({signed(label[most], 2)})"
        title = f"{title_of(subject.label)} goes most with {told}; {title[0].lower()}{title[1:]}"
    figure = new_figure(7.2, subject.note, capital(title))
    axes = figure.subplots()
    shown = matrix.to_numpy(copy=True)
    np.fill_diagonal(shown, np.nan)
    image = axes.imshow(shown, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(labelsize=9, length=0)
    for (row, place), value in np.ndenumerate(shown):
        if not np.isnan(value):
            ink = "white" if abs(value) > 0.6 else "black"
            text = f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
            axes.text(place, row, text, ha="center", va="center", fontsize=8, color=ink)
    figure.colorbar(image, ax=axes, label="Pearson's correlation", shrink=0.7)
    return figure


def draw_missing(subject: Subject, missing: pd.DataFrame, reasons: pd.DataFrame) -> Figure | None:
    """Missing values by column and lines in quarantine by reason; None where there are neither."""
    some = missing[missing["missing"] > 0]
    bars = [
        (some["column"], some["missing"], f"{subject.use_case.entity}s without a value", BLUE),
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


def _shapes(axes: Any, subject: Subject, part: pd.DataFrame) -> None:
    """Both classes as shares of their own rows, one shape over the other."""
    edges = [*part["start"], part["end"].iloc[-1]] if len(part) else [0.0, 1.0]
    names = {"other": f"not {subject.positive}", "positive": subject.positive}
    for kind, colour in (("other", BLUE), ("positive", VERMILION)):
        shares = part[kind] / max(part[kind].sum(), 1) if len(part) else [0.0]
        axes.stairs(shares, edges, color=colour, linewidth=1.4, label=names[kind])
        axes.stairs(shares, edges, color=colour, fill=True, alpha=0.15)
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
