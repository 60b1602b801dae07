"""The bootstrap over groups, one draw after the other: what all draws at once are held against."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from hitcast.models.bootstrap import DRAWS, LEVEL, Interval, Units, draw_groups, standard_error
from hitcast.models.metrics import Array


def draw_weights(units: Units, draws: int = DRAWS, seed: int = 0) -> Iterator[Array]:
    """Weights of the rows in each draw: how often the row's group was taken, shape (n,)."""
    groups = int(units.max()) + 1 if len(units) else 0
    for taken in draw_groups(groups, draws, seed):
        yield taken[units]


def bootstrap(
    measures: Mapping[str, Callable[[Array], float]],
    units: Units,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Measure each of `measures` on the rows, and its standard error over groups.

    Args:
        measures: From weights of the rows to a figure, by name; a difference of two is one too.
        units: The group of each row.
        draws: How many draws.
        seed: Same seed, same draws.
        level: Of the intervals.
    """
    whole = np.ones(len(units))
    found = {name: [] for name in measures}  # type: dict[str, list[float]]
    for weights in draw_weights(units, draws, seed):
        for name, measure in measures.items():
            found[name].append(measure(weights))
    return {
        name: Interval(float(measure(whole)), standard_error(found[name]), level)
        for name, measure in measures.items()
    }


def difference(
    ours: Callable[[Array], float], theirs: Callable[[Array], float]
) -> Callable[[Array], float]:
    """What `ours` measures more than `theirs` on the same rows."""
    return lambda weights: ours(weights) - theirs(weights)
