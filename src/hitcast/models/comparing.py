"""Two models on the same rows: how much better one is, and what it is worse at.

All figures share the draws of one bootstrap over groups, so that each difference is paired.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitcast.declaration.sections import Gates
from hitcast.models.bootstrap import Interval, Units
from hitcast.models.drawn import Drawn, recalls, weights_of
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array

LEVEL = 0.98
"""How sure the interval of a gain is that is asked for once, and those of what is guarded."""
ENOUGH = 30
"""Rows of each class without which a view, or a value of the profile, is not guarded."""
KNOWN, UNSEEN = "all test rows", "rows of unseen groups"
SLOPE, ROC, RECALL = "calibration_slope", "areaUnderROC", "recall"


@dataclass(frozen=True)
class TestRows:
    """Test rows as a scorer takes them, with their labels, shape (n,).

    Attributes:
        columns: The raw inputs of all models that are to be compared.
        label: The number of each row's class.
        generated: Whether the rows were generated.
        units: The group of each row, numbered from 0 on.
        unseen: Which rows' group has no row that any of the models was trained on.
        value: The value that profiles are made by; None: there are no profiles.
        weights: How many rows each stands for; None: one.
        classes: Names of more classes than two.
    """

    __test__ = False

    columns: Mapping[str, Sequence[Any] | NDArray[Any]]
    label: Array
    generated: bool
    units: Units
    unseen: NDArray[np.bool_]
    value: NDArray[np.object_] | None = None
    weights: Array | None = None
    classes: Sequence[str] = ()


@dataclass(frozen=True)
class Guarded:
    """A figure that may not get worse.

    Attributes:
        name: The metric, with the rows that it was measured on.
        ours: What the challenger has.
        theirs: What the champion has.
        worse: By how much the challenger is worse; below 0 where it is better.
        tolerance: How much of that is borne.
    """

    name: str
    ours: float
    theirs: float
    worse: Interval
    tolerance: float


@dataclass(frozen=True)
class Comparison:
    """What came of comparing two models.

    Attributes:
        theirs: The champion's score.
        gain: The challenger's less that.
        guarded: What may not get worse, as far as there are rows enough to tell.
        rows: On how many rows.
        fewest: How many of them are of the rarest class.
    """

    theirs: float
    gain: Interval
    guarded: tuple[Guarded, ...]
    rows: int
    fewest: int


def compare(
    rows: TestRows, ours: Measured, theirs: Measured, gates: Gates, metric: str, tries: int = 1
) -> Comparison:
    """Compare a challenger with a champion.

    Args:
        rows: The rows that both have scored; neither was trained on them.
        ours: The challenger's probabilities of them.
        theirs: The champion's.
        gates: Says what is guarded.
        metric: What the gain is in.
        tries: How many challengers there were on the same data: the interval is that of all of
            them together (Bonferroni).
    """
    groups = int(rows.units.max()) + 1 if len(rows.units) else 0
    everywhere = np.ones(len(rows.label), dtype=bool)
    views = {KNOWN: everywhere}
    if not rows.unseen.all():
        # Where no row has a group, none is known: the two would be one.
        views[UNSEEN] = rows.unseen
    weights = weights_of(groups)
    pair = tuple(Drawn(measured, rows.units, weights) for measured in (ours, theirs))
    mine, other = (drawn.of(metric) for drawn in pair)
    found = [f for name, view in views.items() for f in _worse(rows, pair, name, view, gates)]
    # What the champion never had, such as a slope of one probability for all, can't get worse.
    found = [f for f in found if np.isfinite(f[2][0])]
    level = _together(len(found))
    return Comparison(
        theirs=float(other[0]),
        gain=Interval.of(mine - other, _together(tries)),
        guarded=tuple(
            Guarded(name, float(a[0]), float(b[0]), Interval.of(worse, level), tolerance)
            for name, a, b, worse, tolerance in found
        ),
        rows=len(rows.label),
        fewest=int(_of_classes(rows.label, ours).min()),
    )


_Found = tuple[str, Array, Array, Array, float]
"""Name, the challenger's figure, the champion's, by how much it is worse; what is borne."""


def _worse(
    rows: TestRows, pair: tuple[Drawn, ...], name: str, view: NDArray[np.bool_], gates: Gates
) -> Iterator[_Found]:
    """What is guarded in one view, under all draws; nothing where it has too few rows."""
    label = rows.label[view]
    # Of more classes than two, one that is rare is no reason to guard none.
    if np.sort(_of_classes(label, pair[0].measured))[-2] < ENOUGH:
        return
    ours, theirs = pair if view.all() else [_part(drawn, view) for drawn in pair]
    guarded = {name: borne for name, borne in gates.guarded if borne is not None}
    if SLOPE in guarded:
        a, b = ours.of(SLOPE), theirs.of(SLOPE)
        yield f"{SLOPE} of {name}", a, b, np.abs(a - 1) - np.abs(b - 1), guarded[SLOPE]
    if ROC in guarded:
        a, b = ours.of(ROC), theirs.of(ROC)
        yield f"{ROC} of {name}", a, b, b - a, guarded[ROC]
    of_each: NDArray[Any] | None = label.astype(np.int64) if ours.measured.parts else None
    if of_each is None and rows.value is not None:
        of_each = rows.value[view]
    if RECALL in guarded and of_each is not None:
        values, codes = _with_enough(of_each, label, ours.measured)
        a, b = (recalls(drawn, codes, len(values)) for drawn in (ours, theirs))
        for place, value in enumerate(values):
            named = rows.classes[int(str(value))] if rows.classes else value
            told = f"{RECALL} of {named}, {name}"
            yield told, a[place], b[place], b[place] - a[place], guarded[RECALL]


def _of_classes(label: Array, measured: Measured) -> NDArray[np.int64]:
    """How many rows of each class there are."""
    return np.bincount(label.astype(np.int64), minlength=measured.scored.classes)


def _part(drawn: Drawn, view: NDArray[np.bool_]) -> Drawn:
    part = drawn.measured.scored.where(view)
    return Drawn(Measured(part, drawn.measured.threshold), drawn.units[view], drawn.weights)


def _with_enough(
    value: NDArray[Any], label: Array, measured: Measured
) -> tuple[list[object], NDArray[np.int64]]:
    """The values with enough rows, and which of them each row has; -1: none.

    Of two classes, positive rows are what counts.
    """
    import pandas as pd

    codes, values = pd.factorize(value, sort=True)
    counted = (codes >= 0) & ((label == 1) | bool(measured.parts))
    positive = np.bincount(codes[counted], minlength=len(values))
    enough = np.flatnonzero(positive >= ENOUGH)
    renumbered = np.full(len(values) + 1, -1, dtype=np.int64)
    renumbered[enough] = np.arange(len(enough))
    return [values[place] for place in enough], renumbered[codes]


def _together(figures: int) -> float:
    """The level of each of so many intervals that are to hold together (Bonferroni)."""
    return 1 - (1 - LEVEL) / max(1, figures)
