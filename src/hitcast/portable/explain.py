"""Why a scorer says what it says of one row: numbers swapped for typical ones, one at a time.

What is told is association: what the model would say of another row, not what would happen to
this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hitcast.portable.card import InputColumn
from hitcast.portable.insights import Insights
from hitcast.portable.scorer import Scorer
from hitcast.portable.values import Values

POINTS = 41


@dataclass(frozen=True)
class Effect:
    """What one number adds to the probability, against the typical one.

    Of more classes than two, probabilities are those of the class that the row is predicted.

    Attributes:
        feature: The number's column.
        value: The row's own value.
        typical: The median of the rows like it.
        probability: With the typical value in its place.
        effect: The row's probability less that one.
    """

    feature: str
    value: float | None
    typical: float
    probability: float
    effect: float


def effects(scorer: Scorer, insights: Insights, row: Mapping[str, Any]) -> list[Effect]:
    """The effect of each number, largest first by size; the row is scored with each swap at once.

    Args:
        scorer: The model.
        insights: Where typical values come from.
        row: All inputs of one row.
    """
    typical = insights.profile(row).typical
    names = [c.name for c in scorer.card.inputs if c.name in typical]
    rows = [dict(row), *({**row, name: typical[name]} for name in names)]
    own, *swapped = of_one_class(scorer, columns_like(scorer, row, rows))
    found = [
        Effect(name, row.get(name), typical[name], probability, own - probability)
        for name, probability in zip(names, swapped, strict=True)
    ]
    return sorted(found, key=lambda effect: -abs(effect.effect))


def curve(
    scorer: Scorer, insights: Insights, row: Mapping[str, Any], column: InputColumn
) -> tuple[list[Any], list[float]]:
    """The probability over a column's range, all else as in the row.

    Returns:
        Values, ascending, and the probability at each: 41 points of a number between its limits
        (where it lacks one, as far as nine in ten training rows and the row itself lie), fewer
        for whole numbers, or every known text or category. Of more classes than two, it is that
        of the class that the row is predicted.
    """
    values: Sequence[Any]
    known = column.values or column.codes
    if column.kind == "text" or known:
        values = sorted(known)
    else:
        points = np.linspace(*_ends(insights, row, column), POINTS)
        values = (np.unique(points.round()) if column.integer else points).tolist()
    rows = [row, *({**row, column.name: value} for value in values)]
    _, *drawn = of_one_class(scorer, columns_like(scorer, row, rows))
    return list(values), drawn


def _ends(insights: Insights, row: Mapping[str, Any], column: InputColumn) -> tuple[float, float]:
    """Where a curve over a number begins and ends."""
    if column.minimum is not None and column.maximum is not None:
        return column.minimum, column.maximum
    name, other = column.name, insights.overall.other
    quantiles = insights.usual(name) or other.get(name) or (0.0, 1.0)
    ends = [quantiles[0], quantiles[-1], row.get(name)]
    held = [float(end) for end in ends if end is not None]
    return min(held), max(held)


def columns_like(
    scorer: Scorer, row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> dict[str, Values]:
    """Rows as columns where they have the texts of one row, whose words are counted once."""
    texts = {
        name: counter.counts([row.get(name) or ""]) for name, counter in scorer.counters.items()
    }
    counted = {name: np.repeat(counts, len(rows), axis=0) for name, counts in texts.items()}
    return {**scorer.columns(rows), **counted}


def of_one_class(scorer: Scorer, columns: Mapping[str, Values]) -> list[float]:
    """Probabilities of the positive class, or of that which the first row is predicted."""
    found = scorer.probabilities(columns)
    if found.ndim == 2:
        found = found[:, scorer.numbers(found)[0]]
    probabilities: list[float] = found.tolist()
    return probabilities
