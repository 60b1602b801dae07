"""Pictures of trends: a place on the axis for each version of gold, in order."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.classes import drawn, kinds_of
from hitcast.exploring.look import (
    BLUE,
    GREY,
    VERMILION,
    as_counts,
    as_percent,
    as_values,
    legend_below,
    new_figure,
    panels,
    plain,
)
from hitcast.exploring.trends.moves import moved_most
from hitcast.exploring.trends.versions import numeric_columns, share_columns
from hitcast.exploring.words import axis_of, capital, percent


def draw_counts(told: pd.DataFrame, use_case: UseCase, note: str) -> Figure:
    """Rows at each version, by whether they were there before; the share of positive rows.

    Args:
        told: What `tell_versions` told; two versions or more.
        use_case: Names the label.
        note: What the rows are.
    """
    table, arrived = (told[told["part"] == part] for part in ("all", "arrived"))
    figure = new_figure(3.8, note, _title(table, use_case))
    left, right = (plain(axes) for axes in figure.subplots(1, 2))
    places = range(len(table))
    old = (table["rows"] - table["new"] - table["changed"]).to_numpy()
    parts = (("unchanged", old, GREY), ("changed", table["changed"].to_numpy(), BLUE),
             ("new", table["new"].to_numpy(), VERMILION))  # fmt: skip
    bottom = 0 * old
    for name, heights, colour in parts:
        left.bar(places, heights, 0.6, bottom, color=colour, label=name)
        bottom = bottom + heights
    left.set_ylabel(f"{use_case.many} in gold", fontsize=9)
    as_counts(left.yaxis)
    left.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, 1.12), ncols=3)
    _draw_shares(right, table, arrived, use_case)
    for axes in (left, right):
        _name_versions(axes, table)
    return figure


def _title(table: pd.DataFrame, use_case: UseCase) -> str:
    if "share" not in table:
        return f"The share of each of {len(share_columns(use_case))} classes, version by version"
    first, last = table["share"].iloc[0], table["share"].iloc[-1]
    return f"{capital(use_case.positive)}: {percent(first)} at first, {percent(last)} at last"


def _draw_shares(axes: Any, table: pd.DataFrame, arrived: pd.DataFrame, use_case: UseCase) -> None:
    """The share of positive rows, or of each class, of the table and of what arrived."""
    places = range(len(table))
    if "share" in table:
        axes.plot(places, table["share"], "o-", color=BLUE, label="the table as it stood")
        axes.plot(places, arrived["share"], "D", color=VERMILION, label="what was new or changed")
        top = max(table["share"].max(), arrived["share"].max())
        axes.set_ylabel(f"share that is {use_case.positive}", fontsize=9)
    else:
        top = 0.0
        kinds = kinds_of(use_case)
        for one in drawn(kinds, {kind.key: float(table[kind.key].iloc[-1]) for kind in kinds}):
            shares = table[[f"share_{key}" for key in one.keys]].sum(axis=1)
            axes.plot(places, shares, "o-", color=one.colour, markersize=4, label=one.name)
            top = max(top, float(shares.max()))
        axes.set_ylabel("share of the table as it stood", fontsize=9)
    axes.set_ylim(0, 1.15 * float(top) or 1)
    as_percent(axes.yaxis)
    axes.legend(fontsize=8, frameon=False, loc="lower left")


def draw_columns(told: pd.DataFrame, use_case: UseCase, note: str) -> Figure:
    """Median and middle half of each numeric column over the versions, furthest moved first."""
    order = list(moved_most(told, use_case)["column"])
    columns = {column.name: column for column in numeric_columns(use_case)}
    rows = -(-len(order) // 4)
    title = "The middle half of each column, version by version (furthest moved first)"
    figure = new_figure(1.0 + 2.0 * rows, note, title)
    table, arrived = (told[told["part"] == part] for part in ("all", "arrived"))
    places = range(len(table))
    for axes, name in zip(panels(figure, len(order), 4), order, strict=True):
        axes.fill_between(
            places, table[f"{name}_q25"], table[f"{name}_q75"], color=BLUE, alpha=0.2, linewidth=0,
            label="middle half",
        )  # fmt: skip
        axes.plot(places, table[f"{name}_median"], "o-", color=BLUE, markersize=4, label="median")
        axes.plot(
            places, arrived[f"{name}_median"], "D", color=VERMILION, markersize=4,
            label="median of what was new or changed",
        )  # fmt: skip
        axes.set_title(axis_of(columns[name]), fontsize=9)
        as_values(axes.yaxis, columns[name])
        _name_versions(axes, table)
    legend_below(figure, figure.axes[0])
    return figure


def _name_versions(axes: Any, table: pd.DataFrame) -> None:
    """Version and extraction date at each place, as many as fit."""
    step = -(-len(table) // 6)
    names = [f"v{v}\n{d:%d %b %y}" for v, d in zip(table["version"], table["date"], strict=True)]
    places = range(0, len(table), step)
    axes.set_xticks(places, [names[place] for place in places], fontsize=7)
    axes.set_xlim(-0.5, len(table) - 0.5)
