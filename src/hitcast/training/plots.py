"""The pictures of a training: PR, ROC, calibration, confusion, importances."""

from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from sklearn import metrics
from sklearn.calibration import calibration_curve

from hitcast.models.metrics import Scored

matplotlib.use("Agg")
Draw = Callable[[Figure], None]
# Okabe and Ito's blue and vermilion, told apart by every eye.
TEST, FOLDS = "#0072B2", "#D55E00"


def draw_all(
    folder: Path,
    *,
    test: Scored,
    out_of_fold: Scored,
    threshold: float,
    importances: Mapping[str, float],
    label: str,
    note: str,
) -> list[str]:
    """Draw every picture into `folder` as PNG.

    Args:
        folder: Where the files go; created where missing.
        test: Test rows, scored by the refitted model.
        out_of_fold: Tuning rows, each scored by the model that did not see it.
        threshold: The decision threshold.
        importances: Loss of the selection metric by shuffled column.
        label: Name of the positive class.
        note: A line under each picture: what the rows are.

    Returns:
        The file names, in the order of the report.
    """
    views = (("test rows", test, TEST), ("out of fold", out_of_fold, FOLDS))
    drawings: dict[str, Draw] = {
        "precision_recall": lambda figure: _precision_recall(figure, views, threshold),
        "roc": lambda figure: _roc(figure, views),
        "calibration": lambda figure: _calibration(figure, views),
        "confusion": lambda figure: _confusion(figure, test, threshold, label),
        "importances": lambda figure: _importances(figure, importances),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in drawings.items():
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        draw(figure)
        figure.supxlabel(note, fontsize=8, color="#555555")
        figure.savefig(folder / f"{name}.png", dpi=110)
    return [f"{name}.png" for name in drawings]


def _precision_recall(
    figure: Figure, views: tuple[tuple[str, Scored, str], ...], threshold: float
) -> None:
    axes = figure.subplots()
    for name, scored, colour in views:
        precision, recall, thresholds = metrics.precision_recall_curve(
            scored.label, scored.probability
        )
        area = metrics.average_precision_score(scored.label, scored.probability)
        axes.plot(recall, precision, color=colour, label=f"{name}: area {area:.3f}")
        at = min(int(np.searchsorted(thresholds, threshold)), len(thresholds) - 1)
        axes.plot(recall[at], precision[at], "o", color=colour)
    base = views[0][1].label.mean()
    axes.axhline(base, color="#999999", linestyle=":", label=f"chance {base:.3f}")
    axes.set(title="Precision and recall (dot: the threshold)", xlabel="recall", ylabel="precision")
    axes.set_ylim(0, 1.02)
    axes.legend()


def _roc(figure: Figure, views: tuple[tuple[str, Scored, str], ...]) -> None:
    axes = figure.subplots()
    for name, scored, colour in views:
        fall_out, recall, _ = metrics.roc_curve(scored.label, scored.probability)
        area = metrics.roc_auc_score(scored.label, scored.probability)
        axes.plot(fall_out, recall, color=colour, label=f"{name}: area {area:.3f}")
    axes.plot([0, 1], [0, 1], color="#999999", linestyle=":", label="chance")
    axes.set(title="ROC", xlabel="false positive rate", ylabel="true positive rate")
    axes.legend()


def _calibration(figure: Figure, views: tuple[tuple[str, Scored, str], ...]) -> None:
    axes = figure.subplots()
    for name, scored, colour in views:
        observed, predicted = calibration_curve(
            scored.label, scored.probability, n_bins=10, strategy="quantile"
        )
        axes.plot(predicted, observed, "o-", color=colour, label=name, markersize=4)
    top = max(axes.get_xlim()[1], axes.get_ylim()[1])
    axes.plot([0, top], [0, top], color="#999999", linestyle=":", label="perfect")
    axes.set(
        title="Calibration, ten groups of equal size",
        xlabel="mean predicted probability",
        ylabel="observed share",
    )
    axes.legend()


def _confusion(figure: Figure, test: Scored, threshold: float, label: str) -> None:
    axes = figure.subplots()
    predicted = (test.probability >= threshold).astype(float)
    counts = metrics.confusion_matrix(test.label, predicted, labels=[0.0, 1.0])
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row in range(2):
        for column in range(2):
            axes.text(
                column,
                row,
                f"{counts[row, column]:,}\n{shares[row, column]:.1%}",
                ha="center",
                va="center",
                color="white" if shares[row, column] > 0.5 else "black",
            )
    names = [f"not {label}", label]
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names)
    axes.set(title=f"Test rows at threshold {threshold:.3f}", xlabel="predicted", ylabel="true")


def _importances(figure: Figure, importances: Mapping[str, float]) -> None:
    axes = figure.subplots()
    names = list(importances)[::-1]
    axes.barh(names, [importances[name] for name in names], color=TEST)
    axes.set(title="What shuffling a column costs", xlabel="loss of the selection metric")
