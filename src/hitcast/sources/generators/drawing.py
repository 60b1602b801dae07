"""Draws rows from statistics: a Gaussian copula for numbers within a class, shares for the rest.

Texts that are read word by word get invented words.

A row is of some class; each of its numbers has a normal score, correlated with the others as in
that class, which the class's quantiles turn into a value. The same statistics and seed give the
same rows, of which a larger file has more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from hitcast.errors import SourceError
from hitcast.sources.generators.inventing import draw_texts
from hitcast.sources.generators.statistics import Statistics
from hitcast.sources.generators.writing import Part

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

ROWS_A_PART = 20_000
OUTERMOST = 4.0
"""The normal score of a column's lowest and highest value: one row in 30,000 is beyond it."""


@dataclass(frozen=True)
class _Drawn:
    """The classes of some rows, the normal scores of their numbers, and uniform numbers.

    Texts are long: as many as are `wanted` are drawn.
    """

    wanted: int
    classes: Codes
    scores: dict[str, Array]
    chance: np.random.Generator


def draw_parts(
    statistics: Statistics, names: Sequence[str], rows: int, seed: int
) -> Iterator[Part]:
    """Draw rows, some thousand at a time.

    Args:
        statistics: What they are drawn from.
        names: The columns, in order.
        rows: How many.
        seed: Another seed gives other rows.

    Raises:
        SourceError: if correlations contradict one another.
    """
    roots = {name: _root(statistics, name) for name in statistics.classes}
    for number, start in enumerate(range(0, rows, ROWS_A_PART)):
        rng = np.random.Generator(np.random.PCG64([seed, number]))
        here = min(ROWS_A_PART, rows - start)
        drawn = _draw(statistics, roots, rng, here)
        # In the statistics' order, not the asked one's, so that a column has the same values.
        columns = {n: _values(statistics, n, drawn, start)[:here] for n in statistics.columns}
        yield [columns[name] for name in names]


def _draw(
    statistics: Statistics, roots: dict[str, Array], rng: np.random.Generator, wanted: int
) -> _Drawn:
    shares = np.array(list(statistics.classes.values()))
    classes = _pick(shares, rng.random(ROWS_A_PART))
    plain = rng.standard_normal((len(statistics.correlated), ROWS_A_PART))
    scores = np.empty_like(plain)
    for number, name in enumerate(statistics.classes):
        rows, root = classes == number, roots[name]
        # Column by column: a matrix product's order of additions depends on the machine.
        for column in range(len(plain)):
            scores[column, rows] = root[column, column] * plain[column, rows]
            for other in range(column):
                scores[column, rows] += root[column, other] * plain[other, rows]
    return _Drawn(wanted, classes, dict(zip(statistics.correlated, scores, strict=True)), rng)


def _values(statistics: Statistics, name: str, drawn: _Drawn, start: int) -> list[Any]:
    """A column's values; those that are missing are None."""
    column, classes = statistics.columns[name], drawn.classes
    if column.serial:
        return list(range(start + 1, start + 1 + ROWS_A_PART))
    if column.words is not None:
        levels, names = np.array(statistics.levels), list(statistics.classes)
        seed = int(drawn.chance.integers(2**32))
        values: list[Any] = draw_texts(column.words, levels, classes[: drawn.wanted], names, seed)
    elif column.shares:
        values = _shared(statistics, name, drawn)
    else:
        normal = NormalDist()
        inner = [normal.inv_cdf(level) for level in statistics.levels[1:-1]]
        places = np.clip([-OUTERMOST, *inner, OUTERMOST], -OUTERMOST, OUTERMOST)
        numbers = np.empty(len(classes))
        for number, of_class in enumerate(statistics.classes):
            rows = classes == number
            numbers[rows] = np.interp(drawn.scores[name][rows], places, column.quantiles[of_class])
        rounded = np.round(numbers, column.decimals)
        values = (rounded if column.decimals else rounded.astype(np.int64)).tolist()
    if column.missing:
        shares = np.array([column.missing.get(c, 0.0) for c in statistics.classes])
        for row in np.flatnonzero(drawn.chance.random(len(classes)) < shares[classes]):
            if row < len(values):
                values[row] = None
    return values


def _shared(statistics: Statistics, name: str, drawn: _Drawn) -> list[Any]:
    """A column that is drawn by its values' shares, class by class."""
    values = np.empty(len(drawn.classes), dtype=object)
    chance = drawn.chance.random(len(drawn.classes))
    for number, of_class in enumerate(statistics.classes):
        rows = drawn.classes == number
        shares = statistics.columns[name].shares[of_class]
        chosen = _pick(np.array(list(shares.values())), chance[rows])
        values[rows] = np.array(list(shares), dtype=object)[chosen]
    return list(values)


def _pick(shares: Array, chance: Array) -> Codes:
    """Map uniform numbers to the indices whose cumulated shares they fall in."""
    ends = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(ends, chance, side="right"), len(shares) - 1)


def _root(statistics: Statistics, of_class: str) -> Array:
    """The triangular root of a class's correlations."""
    size = len(statistics.correlated)
    whole = np.eye(size)
    for number, row in enumerate(statistics.correlations.get(of_class, ())):
        whole[number, :number] = whole[:number, number] = row
    try:
        return np.asarray(np.linalg.cholesky(whole), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise SourceError(
            f"correlations of class {of_class!r} contradict one another; derive the statistics "
            "with python -m benchmarks.statistics"
        ) from None
