"""What correlations show, in words."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from hitcast.exploring.subject import Subject
from hitcast.exploring.words import signed

STRONGEST = 3
"""So many of a kind are told."""


def label_names(subject: Subject, matrix: pd.DataFrame) -> list[str]:
    """The columns of a table of correlations that stand for the label."""
    inputs = {column.name for column in subject.numbers}
    return [name for name in map(str, matrix) if name not in inputs]


def correlations_in_words(subject: Subject, matrix: pd.DataFrame) -> list[str]:
    """The strongest correlations with the label, and among the inputs."""
    labels = label_names(subject, matrix)
    inputs = matrix.drop(index=labels, columns=labels)
    told = [_with_label(subject, matrix[label].drop(labels), label) for label in labels]
    values, names = inputs.to_numpy(float), list(map(str, inputs))
    places = combinations(range(len(names)), 2)
    pairs = [(names[a], names[b], values[a, b]) for a, b in places if not np.isnan(values[a, b])]
    pairs = sorted(pairs, key=lambda pair: -abs(pair[2]))
    if pairs:
        among = [f"{_pair(subject, a, b)} {signed(value)}" for a, b, value in pairs[:STRONGEST]]
        told.append(
            f"Correlated most among the inputs: {'; '.join(among)}. What is correlated that much "
            "tells a model much the same twice."
        )
    told.append("Correlation is no cause: it says what comes together, not what makes what.")
    told[0] += " A correlation of 1 or −1 would be a straight line, 0 none at all."
    return told


def classes_in_words(subject: Subject, matrices: Mapping[str, pd.DataFrame]) -> list[str]:
    """Which pair of quantities goes together in one class and not in another.

    Args:
        subject: Names the columns.
        matrices: What `correlate_by_class` found.
    """
    names = list(matrices)
    stacked = np.stack([matrix.to_numpy(float) for matrix in matrices.values()])
    # A class in which a pair does not vary says nothing of it.
    known = np.isfinite(stacked).sum(axis=0) > 1
    high = np.where(np.isnan(stacked), -np.inf, stacked)
    low = np.where(np.isnan(stacked), np.inf, stacked)
    apart = np.where(known, high.max(axis=0) - low.min(axis=0), 0.0)
    if not apart.any():
        return ["Within the classes no pair of quantities goes together in another way."]
    one, other = np.unravel_index(int(apart.argmax()), apart.shape)
    most, least = high[:, one, other].argmax(), low[:, one, other].argmin()
    columns = list(map(str, matrices[names[0]]))
    a, b = columns[one], columns[other]
    return [
        f"The classes differ most in {_pair(subject, a, b)}: "
        f"{signed(stacked[most, one, other])} among {names[most]}, "
        f"{signed(stacked[least, one, other])} among {names[least]}. Such a difference can tell "
        "classes apart where neither column does by itself."
    ]


def _with_label(subject: Subject, found: pd.Series, label: str) -> str:
    name = subject.label.name if subject.scale is not None else label.removeprefix("is ")
    kind = "" if subject.scale is not None else "being "
    known = found.dropna()
    order = known.abs().sort_values(ascending=False, kind="stable").index
    strong = [f"{subject.title(str(n))} {signed(known[n])}" for n in order[:STRONGEST]]
    return f"Correlated most with {kind}{name}: {'; '.join(strong) or 'nothing'}."


def _pair(subject: Subject, a: str, b: str) -> str:
    return f"{subject.title(a)} with {subject.title(b)}"
