"""How a model does, looked at from several sides, each figure with its interval over groups.

Plain functions of arrays; what Spark has to fit for a view is in `view_fits.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hitcast.models.bootstrap import DRAWS, Interval, units_of
from hitcast.models.drawn import intervals
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array, Scored

METRICS = ("average_precision", "areaUnderROC", "calibration_slope")
DRAWN_ROWS, FEWEST_DRAWS = 20_000_000, 100
"""Of all draws of a view together; and how many at least, which tell a standard error to 7 %."""
DRAWS_OF_A_VALUE = 100
"""There are many of them."""


@dataclass(frozen=True)
class View:
    """One look.

    Attributes:
        name: For logs, such as `unseen`; of a value of a column, the value.
        told: What the rows are, for people.
        rows: How many.
        positive: How many of them are positive; of more classes than two, None.
        figures: By metric; empty where the rows lack a class.
    """

    name: str
    told: str
    rows: int
    positive: int | None
    figures: Mapping[str, Interval]


@dataclass(frozen=True)
class Seen:
    """Rows, scored, in any order.

    Attributes:
        scored: Labels and probabilities.
        groups: Hashes of the rows' groups.
    """

    scored: Scored
    groups: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "Seen":
        """The chosen ones."""
        return Seen(self.scored.where(chosen), self.groups[chosen])

    @property
    def positive(self) -> int | None:
        """How many are positive, of two classes."""
        return int(self.scored.label.sum()) if self.scored.classes == 2 else None

    @property
    def has_all_classes(self) -> bool:
        """Whether there is a row of each class."""
        return len(np.unique(self.scored.label)) == self.scored.classes


def look(name: str, told: str, seen: Seen, *, seed: int = 0, draws: int = DRAWS) -> View:
    """Measure one view, with `draws` at most."""
    rows, positive = len(seen.scored.label), seen.positive
    if not seen.has_all_classes:
        return View(name, told, rows, positive, {})
    units, draws = units_of(seen.groups), min(draws, draws_for(rows))
    figures = intervals(Measured(seen.scored), units, METRICS, draws=draws, seed=seed)
    return View(name, told, rows, positive, figures)


def look_at_gain(name: str, told: str, seen: Seen, without: Array, *, seed: int = 0) -> View:
    """What the same rows' probabilities measure more than those of `without`, paired."""
    rows, positive = len(seen.scored.label), seen.positive
    units, less = units_of(seen.groups), Measured(replace(seen.scored, probability=without))
    measured, draws = Measured(seen.scored), draws_for(rows)
    figures = intervals(measured, units, METRICS[:2], less=less, draws=draws, seed=seed)
    return View(name, told, rows, positive, figures)


def by_acquaintance(
    test: Seen, trained_on: NDArray[np.int64], group: str, *, seed: int = 0
) -> list[View]:
    """Test rows of groups that training rows have, and of those that none has.

    Args:
        test: Test rows.
        trained_on: Hashes of the training rows' groups.
        group: What a group is called.
        seed: Of the bootstrap.
    """
    known = np.isin(test.groups, trained_on)
    return [
        look("known", f"test rows, {group} has training rows", test.where(known), seed=seed),
        look("unseen", f"test rows, {group} has none", test.where(~known), seed=seed),
    ]


def by_value(
    test: Seen, values: Sequence[object], *, least_positive: int, seed: int = 0
) -> Iterator[View]:
    """Test rows of each value that has enough positive ones, most of those first.

    Of more classes than two, a value needs as many rows.
    """
    held = np.array(["" if value is None else str(value) for value in values], dtype=object)
    names, places = np.unique(held.astype(str), return_inverse=True)
    counted = test.scored.label if test.scored.classes == 2 else None
    positive = np.bincount(places, weights=counted, minlength=len(names))
    for place in np.argsort(-positive, kind="stable"):
        if positive[place] >= least_positive and names[place]:
            chosen = test.where(places == place)
            name = str(names[place])
            yield look(name, name, chosen, seed=seed, draws=DRAWS_OF_A_VALUE)


def draws_for(rows: int) -> int:
    """As many draws as ever where rows are few, and fewer the more there are."""
    return int(np.clip(DRAWN_ROWS // max(rows, 1), FEWEST_DRAWS, DRAWS))


def view_metrics(views: Sequence[View]) -> dict[str, float]:
    """The figures as MLflow's metrics: `view_NAME_METRIC`, with `_low` and `_high`."""
    found: dict[str, float] = {}
    for view in views:
        found[f"view_{view.name}_rows"] = view.rows
        if view.positive is not None:
            found[f"view_{view.name}_positive"] = view.positive
        for metric, held in view.figures.items():
            name = f"view_{view.name}_{metric}"
            found |= {name: held.value, f"{name}_low": held.low, f"{name}_high": held.high}
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}
