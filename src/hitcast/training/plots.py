"""The pictures of a training: PR, ROC, calibration, confusion, importances."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from sklearn import metrics

from hitcast.models.metrics import Array, Scored

matplotlib.use("Agg")
Draw = Callable[[Figure], None]
Views = tuple[tuple[str, Scored, str], ...]
"""What is drawn: its name, the rows as two classes, the colour."""
# Okabe and Ito's, told apart by every eye.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def draw_all(
    folder: Path,
    *,
    test: Scored,
    out_of_fold: Scored,
    threshold: float | None,
    importances: Mapping[str, float],
    names: Sequence[str],
    note: str,
) -> list[str]:
    """Draw every picture into `folder` as PNG.

    Args:
        folder: Where the files go; created where missing.
        test: Test rows, scored by the refitted model.
        out_of_fold: Tuning rows, each scored by the model that did not see it.
        threshold: The decision threshold; None: there are more classes than two.
        importances: Loss of the selection metric by shuffled column.
        names: What the classes are called, by number.
        note: A line under each picture: what the rows are.

    Returns:
        The file names, in the order of the report.
    """
    views = _views(test, out_of_fold, names)
    drawings: dict[str, Draw] = {
        "precision_recall": lambda figure: _precision_recall(figure, views, threshold),
        "roc": lambda figure: _roc(figure, views),
        "calibration": lambda figure: _calibration(figure, views),
        "confusion": lambda figure: _confusion(figure, test, threshold, names),
        "importances": lambda figure: _importances(figure, importances),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in drawings.items():
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        draw(figure)
        figure.supxlabel(note, fontsize=8, color="#555555")
        figure.savefig(folder / f"{name}.png", dpi=110)
    return [f"{name}.png" for name in drawings]


def _views(test: Scored, out_of_fold: Scored, names: Sequence[str]) -> Views:
    """Test rows and those out of fold; of more classes than two, each against the rest."""
    if test.classes == 2:
        return (("test rows", test, COLOURS[0]), ("out of fold", out_of_fold, COLOURS[1]))
    return tuple(
        (name, test.against_rest(number), COLOURS[number % len(COLOURS)])
        for number, name in enumerate(names)
    )


def _precision_recall(figure: Figure, views: Views, threshold: float | None) -> None:
    axes = figure.subplots()
    for name, scored, colour in views:
        precision, recall, thresholds = metrics.precision_recall_curve(
            scored.label, scored.probability, sample_weight=scored.weights
        )
        area = metrics.average_precision_score(
            scored.label, scored.probability, sample_weight=scored.weights
        )
        axes.plot(recall, precision, color=colour, label=f"{name}: area {area:.3f}")
        if threshold is not None:
            at = min(int(np.searchsorted(thresholds, threshold)), len(thresholds) - 1)
            axes.plot(recall[at], precision[at], "o", color=colour)
    title = "Precision and recall, each class against the rest"
    if threshold is not None:
        base = np.average(views[0][1].label, weights=views[0][1].weights)
        axes.axhline(base, color="#999999", linestyle=":", label=f"chance {base:.3f}")
        title = "Precision and recall (dot: the threshold)"
    axes.set(title=title, xlabel="recall", ylabel="precision")
    axes.set_ylim(0, 1.02)
    axes.legend()


def _roc(figure: Figure, views: Views) -> None:
    axes = figure.subplots()
    for name, scored, colour in views:
        fall_out, recall, _ = metrics.roc_curve(scored.label, scored.probability)
        area = metrics.roc_auc_score(scored.label, scored.probability)
        axes.plot(fall_out, recall, color=colour, label=f"{name}: area {area:.3f}")
    axes.plot([0, 1], [0, 1], color="#999999", linestyle=":", label="chance")
    axes.set(title="ROC", xlabel="false positive rate", ylabel="true positive rate")
    axes.legend()


def _calibration(figure: Figure, views: Views) -> None:
    axes = figure.subplots()
    for name, scored, colour in views:
        observed, predicted = _ten_groups(scored)
        axes.plot(predicted, observed, "o-", color=colour, label=name, markersize=4)
    top = max(axes.get_xlim()[1], axes.get_ylim()[1])
    axes.plot([0, top], [0, top], color="#999999", linestyle=":", label="perfect")
    axes.set(
        title="Calibration, ten groups of equal size",
        xlabel="mean predicted probability",
        ylabel="observed share",
    )
    axes.legend()


def _ten_groups(scored: Scored) -> tuple[Array, Array]:
    """Share of positive rows, and mean probability, in ten groups of about equal weight."""
    order = np.argsort(scored.probability, kind="stable")
    weights = np.ones(len(order)) if scored.weights is None else scored.weights[order]
    groups = np.minimum((10 * (np.cumsum(weights) - weights / 2) / weights.sum()).astype(int), 9)
    total = np.bincount(groups, weights)
    held = total > 0
    observed, predicted = (
        np.bincount(groups, weights * values[order])[held] / total[held]
        for values in (scored.label, scored.probability)
    )
    return observed, predicted


def _confusion(figure: Figure, test: Scored, threshold: float | None, names: Sequence[str]) -> None:
    axes = figure.subplots()
    counts = test.confusion(threshold)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        axes.text(
            column,
            row,
            f"{counts[row, column]:,.0f}\n{shares[row, column]:.1%}",
            ha="center",
            va="center",
            fontsize=10 if len(names) < 5 else 7,
            color="white" if shares[row, column] > 0.5 else "black",
        )
    places = range(len(names))
    turned: dict[str, Any] = {"rotation": 30, "ha": "right"} if len(names) > 3 else {}
    axes.set_xticks(places, names, **turned)
    axes.set_yticks(places, names)
    at = "" if threshold is None else f" at threshold {threshold:.3f}"
    axes.set(title=f"Test rows{at}", xlabel="predicted", ylabel="true")


def _importances(figure: Figure, importances: Mapping[str, float]) -> None:
    axes = figure.subplots()
    names = list(importances)[::-1]
    axes.barh(names, [importances[name] for name in names], color=COLOURS[0])
    axes.set(title="What shuffling a column costs", xlabel="loss of the selection metric")
