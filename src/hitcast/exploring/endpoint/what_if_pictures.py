"""Pictures of what an endpoint answers: one input moved, and how far each moves the answer."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.classes import drawn, kinds_of
from hitcast.exploring.endpoint.answers import Answer
from hitcast.exploring.endpoint.what_if import swings
from hitcast.exploring.look import (
    BLUE,
    DARK,
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
    answer: Answer,
    use_case: UseCase,
    note: str,
) -> Figure:
    """The probability over one input's values, or that of each class, and where the row stands.

    Args:
        swept: What `sweep` found.
        column: The input that is moved.
        row: The row as it is.
        answer: What the endpoint says of it.
        use_case: Names the classes.
        note: What answered.
    """
    part = swept[swept["column"] == column.name]
    title = f"What if {title_of(column)} were another? {_told(part, column)}"
    figure = new_figure(3.8, note, title)
    axes, now = plain(figure.subplots()), answer.probability
    top = max(part["probability"].max(), now)
    # Nothing lies between two values of a category.
    look = "-" if column.is_quantity else "o"
    if answer.each:
        top = max(top, _draw_classes(axes, part, use_case, look))
    else:
        axes.plot(part["value"], part["probability"], look, color=BLUE, label="would be")
    is_now = f"is: {answer.label} {percent(now)}" if answer.each else f"is: {percent(now)}"
    looks = {"color": DARK if answer.each else VERMILION, "markersize": 9, "label": is_now}
    if column.name in row:
        axes.plot(row[column.name], now, "o", **looks)
    if answer.threshold is not None:
        threshold = f"threshold {percent(answer.threshold)}"
        axes.axhline(answer.threshold, color="black", linestyle="--", linewidth=1, label=threshold)
        top = max(top, answer.threshold)
    axes.set_ylim(0, min(1.02, 1.15 * top))
    axes.set_xlabel(axis_of(column), fontsize=9)
    axes.set_ylabel("probability", fontsize=9)
    as_percent(axes.yaxis)
    as_values(axes.xaxis, column)
    if not column.is_quantity:
        axes.set_xticks(part["value"], [with_unit(column, value) for value in part["value"]])
    legend_below(figure, axes)
    return figure


def _told(part: pd.DataFrame, column: Column) -> str:
    if part["probability"].max() - part["probability"].min() < NO_DIFFERENCE:
        return "it makes no difference"
    best = part.sort_values("probability", kind="stable").iloc[-1]
    return f"highest at {with_unit(column, best['value'])}: {percent(best['probability'])}"


def _draw_classes(axes: Any, part: pd.DataFrame, use_case: UseCase, look: str) -> float:
    """A line for each class that matters here; returns how high they go."""
    kinds, top = kinds_of(use_case), 0.0
    for one in drawn(kinds, {kind.key: float(part[kind.key].max()) for kind in kinds}):
        values = part[one.keys].sum(axis=1)
        axes.plot(part["value"], values, look, color=one.colour, label=one.name)
        top = max(top, float(values.max()))
    return top


def draw_swings(swept: pd.DataFrame, use_case: UseCase, answer: Answer, note: str) -> Figure:
    """The lowest and highest probability that each input alone can reach."""
    of = f" of {answer.label}" if answer.each else ""
    found = swings(swept)[::-1]
    names = [title_of(use_case.column(str(name))) for name in found["column"]]
    title = f"{capital(names[-1])} moves the answer most"
    figure = new_figure(1.4 + 0.27 * len(found), note, title)
    axes = plain(figure.subplots())
    axes.hlines(
        range(len(found)), found["lowest"], found["highest"], color=BLUE, linewidth=6, alpha=0.6
    )
    told = f"as it is: {percent(answer.probability)}"
    axes.axvline(answer.probability, color=VERMILION, linewidth=1.5, label=told)
    axes.plot(found[["lowest", "highest"]], range(len(found)), "|", color=BLUE, markersize=9)
    axes.set_xlim(left=0)
    axes.set_yticks(range(len(found)), names)
    axes.set_xlabel(f"probability{of}, lowest to highest, with this input alone moved", fontsize=9)
    as_percent(axes.xaxis)
    legend_below(figure, axes)
    return figure
