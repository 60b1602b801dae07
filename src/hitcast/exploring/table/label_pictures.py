"""Pictures of the label: a bar for each class, or the quantity that it is drawn from."""

import pandas as pd
from matplotlib.figure import Figure

from hitcast.exploring.classes import drawn
from hitcast.exploring.look import (
    BLUE,
    GREY,
    VERMILION,
    as_counts,
    new_figure,
    plain,
    shortened,
)
from hitcast.exploring.subject import Scale, Subject
from hitcast.exploring.words import axis_of, count, percent

MOST = 25
"""Classes that get a bar."""


def draw_label(subject: Subject, classes: pd.DataFrame, bins: pd.DataFrame | None) -> Figure:
    """The label's column and where the line between the classes is; else a bar for each class.

    Args:
        subject: Names the classes.
        classes: What `count_classes` counted.
        bins: What `count_label` counted; None where there is no such quantity.
    """
    if bins is None or subject.scale is None:
        return _draw_bars(subject, classes)
    return _draw_scale(subject, subject.scale, classes, bins)


def _draw_scale(
    subject: Subject, scale: Scale, classes: pd.DataFrame, bins: pd.DataFrame
) -> Figure:
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
    line_at = scale.at_least - (0.5 if scale.column.type == "integer" else 0.0)
    axes.axvline(line_at, color="black", linestyle="--", linewidth=1)
    axes.set(xlabel=axis_of(scale.column), ylabel=subject.use_case.many)
    as_counts(axes.yaxis)
    axes.legend(frameon=False)
    return figure


def _draw_bars(subject: Subject, classes: pd.DataFrame) -> Figure:
    largest = classes.iloc[int(classes["rows"].argmax())]
    title = f"{largest['class']} is the largest of {len(classes)} classes: "
    title += f"{percent(largest['share'])} of the {subject.noun}"
    if subject.has_two_classes:
        share = percent(classes["share"].iloc[0])
        title = f"{share} of the {subject.noun} are {subject.positive}: {subject.rule}"
    shown = classes.assign(colour=_colours(subject, classes))
    if len(shown) > MOST:
        shown = shown.sort_values("rows", ascending=False, kind="stable")[:MOST]
        title += f"\n(the {MOST} largest)"
    shown = shown[::-1]
    figure = new_figure(1.6 + 0.35 * len(shown), subject.note, title)
    axes = plain(figure.subplots())
    bars = axes.barh(
        [shortened(name) for name in shown["class"]], shown["rows"], color=list(shown["colour"])
    )
    told = [
        f"{count(n)} ({percent(s)})" for n, s in zip(shown["rows"], shown["share"], strict=True)
    ]
    axes.bar_label(bars, told, padding=3, fontsize=8)
    axes.margins(x=0.15)
    axes.set_xlabel(subject.use_case.many, fontsize=9)
    as_counts(axes.xaxis)
    return figure


def _colours(subject: Subject, classes: pd.DataFrame) -> list[str]:
    """The colour that each class has in all pictures."""
    rows = dict(zip((kind.key for kind in subject.kinds), classes["rows"], strict=True))
    found = {key: one.colour for one in drawn(subject.kinds, rows) for key in one.keys}
    return [found.get(kind.key, GREY) for kind in subject.kinds]
