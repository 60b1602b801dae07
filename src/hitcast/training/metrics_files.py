"""A training's metrics as files that other programs read: `metrics.json` and `metrics.csv`."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored, of_confusion

OF_A_CLASS = ("average_precision", "areaUnderROC")
ALL = "all"
"""In the place of a class: the metric is of all rows."""


def class_names(names: Sequence[str], output: str) -> list[str]:
    """What the classes are called, by number."""
    return list(names) if names else [f"not {output}", output]


def by_class(scored: Scored, threshold: float | None, names: Sequence[str]) -> dict[str, Any]:
    """The metrics of each class against the rest, by its name."""
    counts = scored.confusion(threshold)
    found = {}
    for number, name in enumerate(names):
        hits, rows, called = counts[number, number], counts[number].sum(), counts[:, number].sum()
        others = counts.sum() - rows - called + hits
        of_two = of_confusion(np.array([[others, called - hits], [rows - hits, hits]]))
        measured = Measured(scored.against_rest(number))
        whole = np.ones(len(scored.label))
        areas = {metric: measured.of(metric)(whole) for metric in OF_A_CLASS}
        found[name] = {"rows": float(rows), **of_two, **areas}
    return found


def write_metrics(
    folder: Path,
    *,
    test: Mapping[str, float],
    cv: Mapping[str, float],
    scored: Scored,
    threshold: float | None,
    names: Sequence[str],
) -> None:
    """Write `metrics.json` and `metrics.csv` into `folder`.

    Args:
        folder: Where they go.
        test: Metrics on the test rows.
        cv: Cross-validated ones: mean, and spread with `_sd`.
        scored: The test rows.
        threshold: As the model has it.
        names: What the classes are called, by number.
    """
    classes, confusion = by_class(scored, threshold, names), scored.confusion(threshold)
    told = {
        "threshold": threshold,
        "test": dict(test),
        "cross_validated": dict(cv),
        "test_by_class": classes,
        "confusion": {"classes": list(names), "true_by_predicted": confusion.tolist()},
    }
    text = json.dumps(_without_nan(told), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    with (folder / "metrics.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("rows", "class", "metric", "value"))
        lines.writerows(_lines(test, cv, classes))


def _lines(
    test: Mapping[str, float], cv: Mapping[str, float], classes: Mapping[str, Any]
) -> Iterator[tuple[str, str, str, str]]:
    for rows, found in (("test", test), ("cross_validated", cv)):
        for metric, value in found.items():
            yield rows, ALL, metric, repr(float(value))
    for name, found in classes.items():
        for metric, value in found.items():
            yield "test", name, metric, repr(float(value))


def _without_nan(value: Any) -> Any:
    """JSON has no NaN: null stands for what can't be told."""
    if isinstance(value, Mapping):
        return {name: _without_nan(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_without_nan(held) for held in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
