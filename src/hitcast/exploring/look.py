"""How all pictures look: colours for every eye, the note under them, room for their labels."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from hitcast.declaration.columns import Column

BLUE, VERMILION = "#0072B2", "#D55E00"
"""Okabe and Ito's, told apart by every eye; reports of trainings use the same two."""
COLOURS = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY, DARK = "#999999", "#444444"
WIDTH = 11.0
"""Inches that a notebook's column takes."""
DPI = 100


def new_figure(height: float, note: str, title: str = "") -> Figure:
    """An empty figure over the whole width, with `note` under it: what the rows are.

    Args:
        height: In inches.
        note: The small line at the bottom.
        title: What one sees, above all panels.
    """
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)
    figure = Figure(figsize=(WIDTH, height), layout=layout, dpi=DPI)
    # On the left, so that a legend has room beside it.
    figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color=DARK)
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def panels(figure: Figure, number: int, columns: int) -> list[Any]:
    """`number` panels in rows of `columns`; places that stay empty are left out."""
    rows = -(-number // columns)
    found = figure.subplots(rows, columns, squeeze=False).flatten()
    for empty in found[number:]:
        figure.delaxes(empty)
    for axes in found[:number]:
        plain(axes)
    return list(found[:number])


def plain(axes: Any) -> Any:
    """Panels without a box: two lines and small figures."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return axes


def as_percent(axis: Any) -> None:
    """Figures of an axis in per cent."""
    axis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")


def as_counts(axis: Any) -> None:
    """Figures of an axis as whole numbers with separators, few of them."""
    axis.set_major_locator(MaxNLocator(5, integer=True))
    axis.set_major_formatter("{x:,.0f}")


def as_values(axis: Any, column: Column) -> None:
    """Figures of an axis as a column has them: no halves of whole numbers, years as they are."""
    if column.type == "integer":
        low, high = axis.get_view_interval()
        if high - low < 1:
            axis.axes.margins(0.0)
            axis.set_view_interval(round(low) - 1, round(high) + 1)
        axis.set_major_locator(MaxNLocator(5 if high < 10_000 else 3, integer=True))
        axis.set_major_formatter("{x:.0f}" if column.unit == "year" else "{x:,.0f}")


def legend_below(figure: Figure, *panels: Any) -> None:
    """The legend of some panels under all of them, beside the note."""
    found = [axes.get_legend_handles_labels() for axes in panels]
    handles = [handle for some, _ in found for handle in some]
    labels = [label for _, some in found for label in some]
    figure.legend(
        handles, labels, loc="outside lower right", ncols=len(labels), fontsize=8, frameon=False
    )


def shortened(text: object, longest: int = 28) -> str:
    """A text that fits beside a bar."""
    words = str(text)
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
