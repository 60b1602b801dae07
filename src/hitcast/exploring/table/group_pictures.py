"""Pictures of the label by the values of one column."""

import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.columns import Column
from hitcast.exploring.look import (
    BLUE,
    GREY,
    VERMILION,
    as_counts,
    as_percent,
    legend_below,
    new_figure,
    plain,
    shortened,
)
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.groups import FEWEST
from hitcast.exploring.words import axis_of, capital, percent, title_of

MOST = 25
"""Values that one picture shows."""


def draw_by_text(subject: Subject, column: Column, found: pd.DataFrame) -> Figure:
    """The values with the highest share of positive rows: that share, and the label's quartiles."""
    compared = found[found["rows"] >= FEWEST]
    shown = compared[:MOST][::-1]
    of = f" of {len(compared)}" if len(compared) > len(shown) else ""
    title = (
        f"{capital(title_of(column))}: the {len(shown)}{of} values most often {subject.positive} "
        f"({subject.noun})"
    )
    figure = new_figure(1.4 + 0.24 * max(len(shown), 2), subject.note, title)
    left, right = (plain(axes) for axes in figure.subplots(1, 2, sharey=True))
    places = range(len(shown))
    left.hlines(places, shown["share_low"], shown["share_high"], color=VERMILION, linewidth=1.5)
    left.plot(shown["share"], places, "o", color=VERMILION, markersize=5)
    overall = found["positive"].sum() / max(found["rows"].sum(), 1)
    left.axvline(
        overall, color=GREY, linestyle=":", label=f"all {subject.noun}: {percent(overall)}"
    )
    left.set_yticks(places, [shortened(value) for value in shown["value"]])
    left.set_xlim(left=0)
    left.set_xlabel(f"share of {subject.positive} {subject.noun} (bar: 95 % interval)", fontsize=9)
    as_percent(left.xaxis)
    right.hlines(places, shown["q25"], shown["q75"], color=BLUE, linewidth=5, alpha=0.4)
    right.plot(shown["median"], places, "o", color=BLUE, markersize=5)
    at_least = subject.use_case.label.at_least or 0.0
    line = f"{subject.positive} from {at_least:g} on"
    right.axvline(at_least, color="black", linestyle="--", linewidth=1, label=line)
    right.set_xlabel(f"{axis_of(subject.label)}: middle half and median", fontsize=9)
    legend_below(figure, left, right)
    return figure


def draw_by_number(subject: Subject, column: Column, found: pd.DataFrame) -> Figure:
    """The share of positive rows over a column's values, and how many rows have each."""
    most = found.sort_values("share", kind="stable").iloc[-1]
    title = (
        f"{capital(title_of(column))}: {subject.noun} of {most['value']:g} are most often "
        f"{subject.positive} ({percent(most['share'])})"
    )
    figure = new_figure(4.6, subject.note, title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    plain(upper).fill_between(
        found["value"], found["share_low"], found["share_high"], color=VERMILION, alpha=0.2,
        linewidth=0, label="95 % interval",
    )  # fmt: skip
    upper.plot(found["value"], found["share"], "o-", color=VERMILION, markersize=4, label="share")
    upper.set_ylim(bottom=0)
    upper.set_ylabel(f"share of {subject.positive} {subject.noun}", fontsize=9)
    upper.legend(fontsize=8, frameon=False, loc="upper left")
    as_percent(upper.yaxis)
    plain(lower).bar(found["value"], found["rows"], color=GREY)
    as_counts(lower.yaxis)
    lower.set_ylabel(f"{subject.use_case.entity}s", fontsize=9)
    lower.set_xlabel(axis_of(column), fontsize=9)
    return figure
