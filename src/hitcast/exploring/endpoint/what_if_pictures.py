"""Pictures of what an endpoint answers: one input moved, and how far each moves the answer."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.endpoint.what_if import swings
from hitcast.exploring.look import (
    BLUE,
    VERMILION,
    as_percent,
    as_values,
    legend_below,
    new_figure,
    plain,
)
from hitcast.exploring.words import axis_of, capital, percent, title_of, with_unit

NO_DIFFERENCE = 0.0005
"""Probabilities that differ by less are the same to people: 0.0 points, rounded."""


def draw_what_if(
    swept: pd.DataFrame,
    column: Column,
    row: Mapping[str, Any],
    now: float,
    threshold: float | None,
    note: str,
) -> Figure:
    """The probability over one input's values, and where the row stands.

    Args:
        swept: What `sweep` found.
        column: The input that is moved.
        row: The row as it is.
        now: Its probability.
        threshold: From where on the answer is positive; None: the endpoint does not tell.
        note: What answered.
    """
    part = swept[swept["column"] == column.name]
    best = part.sort_values("probability", kind="stable").iloc[-1]
    told = f"highest at {with_unit(column, best['value'])}: {percent(best['probability'])}"
    if part["probability"].max() - part["probability"].min() < NO_DIFFERENCE:
        told = "it makes no difference"
    figure = new_figure(3.8, note, f"What if {title_of(column)} were another? {told}")
    axes = plain(figure.subplots())
    axes.plot(part["value"], part["probability"], "-", color=BLUE, label="would be")
    axes.plot(
        row[column.name], now, "o", color=VERMILION, markersize=9, label=f"is: {percent(now)}"
    )
    top = max(part["probability"].max(), now)
    if threshold is not None:
        axes.axhline(
            threshold,
            color="black",
            linestyle="--",
            linewidth=1,
            label=f"threshold {percent(threshold)}",
        )
        top = max(top, threshold)
    axes.set_ylim(0, min(1.02, 1.15 * top))
    axes.set_xlabel(axis_of(column), fontsize=9)
    axes.set_ylabel("probability", fontsize=9)
    as_percent(axes.yaxis)
    as_values(axes.xaxis, column)
    legend_below(figure, axes)
    return figure


def draw_swings(swept: pd.DataFrame, use_case: UseCase, now: float, note: str) -> Figure:
    """The lowest and highest probability that each input alone can reach."""
    found = swings(swept)[::-1]
    names = [title_of(use_case.column(str(name))) for name in found["column"]]
    title = f"{capital(names[-1])} moves the answer most"
    figure = new_figure(1.4 + 0.27 * len(found), note, title)
    axes = plain(figure.subplots())
    axes.hlines(
        range(len(found)), found["lowest"], found["highest"], color=BLUE, linewidth=6, alpha=0.6
    )
    axes.axvline(now, color=VERMILION, linewidth=1.5, label=f"as it is: {percent(now)}")
    axes.plot(found[["lowest", "highest"]], range(len(found)), "|", color=BLUE, markersize=9)
    axes.set_xlim(left=0)
    axes.set_yticks(range(len(found)), names)
    axes.set_xlabel("probability, lowest to highest, with this input alone moved", fontsize=9)
    as_percent(axes.xaxis)
    legend_below(figure, axes)
    return figure
