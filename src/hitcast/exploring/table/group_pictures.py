"""Pictures of the classes by the values of one column."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.columns import Column
from hitcast.exploring.classes import Drawn, drawn
from hitcast.exploring.look import (
    BLUE,
    GREY,
    VERMILION,
    as_counts,
    as_percent,
    as_values,
    legend_below,
    new_figure,
    plain,
    shortened,
)
from hitcast.exploring.subject import Scale, Subject
from hitcast.exploring.table.groups import FEWEST
from hitcast.exploring.words import axis_of, capital, percent, title_of

MOST = 25
"""Values that one picture shows."""


def draw_by_text(subject: Subject, column: Column, found: pd.DataFrame) -> Figure:
    """The values with the highest share of positive rows, or with most rows of all classes."""
    compared = found[found["rows"] >= FEWEST]
    shown = compared[:MOST][::-1]
    of = f" of {len(compared)}" if len(compared) > len(shown) else ""
    what = f"values most often {subject.positive}"
    if not subject.has_two_classes:
        what = "values with most rows"
    title = f"{capital(title_of(column))}: the {len(shown)}{of} {what} ({subject.noun})"
    figure = new_figure(1.4 + 0.24 * max(len(shown), 2), subject.note, title)
    left, right = (plain(axes) for axes in figure.subplots(1, 2, sharey=True))
    left.set_yticks(range(len(shown)), [shortened(value) for value in shown["value"]])
    if subject.has_two_classes:
        _draw_share(left, subject, found, shown)
    else:
        _draw_stack(left, subject, found, shown)
    if subject.scale is not None:
        _draw_quartiles(right, subject, subject.scale, shown)
    else:
        right.barh(range(len(shown)), shown["rows"], color=GREY)
        as_counts(right.xaxis)
        right.set_xlabel(subject.use_case.many, fontsize=9)
    legend_below(figure, left, right)
    return figure


def _draw_share(axes: Any, subject: Subject, found: pd.DataFrame, shown: pd.DataFrame) -> None:
    """The share of positive rows with its interval, and that of all rows."""
    places = range(len(shown))
    axes.hlines(places, shown["share_low"], shown["share_high"], color=VERMILION, linewidth=1.5)
    axes.plot(shown["share"], places, "o", color=VERMILION, markersize=5)
    overall = found["positive"].sum() / max(found["rows"].sum(), 1)
    axes.axvline(
        overall, color=GREY, linestyle=":", label=f"all {subject.noun}: {percent(overall)}"
    )
    axes.set_xlim(left=0)
    as_percent(axes.xaxis)
    axes.set_xlabel(f"share of {subject.positive} {subject.noun} (bar: 95 % interval)", fontsize=9)


def _draw_stack(axes: Any, subject: Subject, found: pd.DataFrame, shown: pd.DataFrame) -> None:
    """The share of each class, one after the other."""
    left = 0 * shown["rows"].to_numpy(float)
    for one in _classes(subject, found):
        shares = (shown[one.keys].sum(axis=1) / shown["rows"]).to_numpy(float)
        axes.barh(range(len(shown)), shares, left=left, color=one.colour, label=one.name)
        left = left + shares
    axes.set_xlim(0, 1)
    as_percent(axes.xaxis)
    axes.set_xlabel(f"share of {subject.noun} of each class", fontsize=9)


def _draw_quartiles(axes: Any, subject: Subject, scale: Scale, shown: pd.DataFrame) -> None:
    """The middle half of the label's own column, and from where on it is positive."""
    places = range(len(shown))
    axes.hlines(places, shown["q25"], shown["q75"], color=BLUE, linewidth=5, alpha=0.4)
    axes.plot(shown["median"], places, "o", color=BLUE, markersize=5)
    line = f"{subject.positive} from {scale.at_least:g} on"
    axes.axvline(scale.at_least, color="black", linestyle="--", linewidth=1, label=line)
    axes.set_xlabel(f"{axis_of(scale.column)}: middle half and median", fontsize=9)


def draw_by_number(subject: Subject, column: Column, found: pd.DataFrame) -> Figure:
    """The share of positive rows, or of each class, over a column's values, and their rows."""
    title = f"{capital(title_of(column))}: the share of each class over its values"
    if subject.has_two_classes:
        most = found.sort_values("share", kind="stable").iloc[-1]
        title = (
            f"{capital(title_of(column))}: {subject.noun} of {most['value']:g} are most often "
            f"{subject.positive} ({percent(most['share'])})"
        )
    figure = new_figure(4.6, subject.note, title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    _draw_over(plain(upper), subject, found)
    upper.set_ylim(bottom=0)
    upper.legend(fontsize=8, frameon=False, loc="upper left")
    as_percent(upper.yaxis)
    plain(lower).bar(found["value"], found["rows"], color=GREY)
    as_counts(lower.yaxis)
    lower.set_ylabel(subject.use_case.many, fontsize=9)
    lower.set_xlabel(axis_of(column), fontsize=9)
    as_values(lower.xaxis, column)
    return figure


def _draw_over(axes: Any, subject: Subject, found: pd.DataFrame) -> None:
    """The share of positive rows with its interval, or the share of each class."""
    values = found["value"]
    if not subject.has_two_classes:
        for one in _classes(subject, found):
            shares = found[one.keys].sum(axis=1) / found["rows"]
            axes.plot(values, shares, "o-", color=one.colour, markersize=4, label=one.name)
        axes.set_ylabel(f"share of {subject.noun}", fontsize=9)
        return
    axes.fill_between(
        values, found["share_low"], found["share_high"], color=VERMILION, alpha=0.2, linewidth=0,
        label="95 % interval",
    )  # fmt: skip
    axes.plot(values, found["share"], "o-", color=VERMILION, markersize=4, label="share")
    axes.set_ylabel(f"share of {subject.positive} {subject.noun}", fontsize=9)


def _classes(subject: Subject, found: pd.DataFrame) -> list[Drawn]:
    return drawn(subject.kinds, {kind.key: found[kind.key].sum() for kind in subject.kinds})
