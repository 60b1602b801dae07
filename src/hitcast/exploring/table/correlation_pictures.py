"""Pictures of correlations: all of them as a table of colours, and one for each class."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hitcast.exploring.classes import MOST
from hitcast.exploring.look import new_figure, panels
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.correlation_words import label_names
from hitcast.exploring.words import capital, signed

FEW = 16
"""Up to so many columns each colour has its figure written on it."""


def draw_correlations(subject: Subject, matrix: pd.DataFrame) -> Figure:
    """All correlations as a table of colours, the label first."""
    labels = label_names(subject, matrix)
    title = "Red rises together, blue against each other"
    best = _furthest(matrix, labels)
    if best is not None:
        label, name, value = best
        told = f"{subject.title(name)} ({signed(value, 2)})"
        title = f"{subject.title(label)} goes most with {told}; {title[0].lower()}{title[1:]}"
    figure = new_figure(max(7.2, 0.24 * len(matrix)), subject.note, capital(title))
    axes = figure.subplots()
    image = _colours(axes, subject, matrix, 9 if len(matrix) <= FEW else 7)
    figure.colorbar(image, ax=axes, label="Pearson's correlation", shrink=0.7)
    return figure


def draw_correlations_by_class(subject: Subject, matrices: Mapping[str, pd.DataFrame]) -> Figure:
    """The correlations within each class beside each other.

    Args:
        subject: Names the columns.
        matrices: What `correlate_by_class` found; the first ones are drawn where there are many.
    """
    shown = list(matrices.items())[:MOST]
    rows = -(-len(shown) // 2)
    more = f" (the first {len(shown)} of {len(matrices)})" if len(matrices) > len(shown) else ""
    title = f"What goes together within each class of {subject.noun}{more}"
    each = 1.2 + 0.32 * max((len(matrix) for _, matrix in shown), default=0)
    figure = new_figure(0.8 + each * rows, subject.note, title)
    drawn = panels(figure, len(shown), 2)
    for axes, (name, matrix) in zip(drawn, shown, strict=True):
        image = _colours(axes, subject, matrix, 7)
        axes.set_title(name, fontsize=10)
    figure.colorbar(image, ax=drawn, label="Pearson's correlation", shrink=0.6)
    return figure


def _furthest(matrix: pd.DataFrame, labels: list[str]) -> tuple[str, str, float] | None:
    """The strongest correlation of a label's column with an input."""
    found = [
        (label, str(name), float(value))
        for label in labels
        for name, value in matrix[label].drop(labels).dropna().items()
    ]
    return max(found, key=lambda one: abs(one[2]), default=None)


def _colours(axes: Any, subject: Subject, matrix: pd.DataFrame, size: int) -> Any:
    names = [subject.title(str(name)) for name in matrix.columns]
    shown = matrix.to_numpy(copy=True)
    np.fill_diagonal(shown, np.nan)
    image = axes.imshow(shown, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(labelsize=size, length=0)
    if len(names) > FEW:
        return image
    for (row, place), value in np.ndenumerate(shown):
        if not np.isnan(value):
            ink = "white" if abs(value) > 0.6 else "black"
            text = f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
            axes.text(place, row, text, ha="center", va="center", fontsize=min(size, 8), color=ink)
    return image
