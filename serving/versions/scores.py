"""What a version says of rows: of each its class, and how likely it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitcast.portable.scorer import Scorer

Label = int | str


@dataclass(frozen=True, slots=True)
class Scores:
    """The answers about some rows, in order.

    Attributes:
        labels: The class of each row: its name where classes have names, else 0 or 1.
        chances: Of two classes the probability of the positive one, of more that of the row's own.
        by_class: Of more classes than two, the probability of each by its name; else None.
    """

    labels: Sequence[Label]
    chances: Sequence[float]
    by_class: Sequence[Mapping[str, float]] | None = None

    @classmethod
    def of(cls, scorer: Scorer, found: NDArray[np.float64]) -> "Scores":
        """The answers that a scorer's probabilities mean."""
        threshold, names = scorer.card.threshold, scorer.card.classes
        if threshold is not None:
            # Plainly, because a single row is what is asked for most.
            pair, chances = names or (0, 1), found.tolist()
            return cls([pair[chance >= threshold] for chance in chances], chances)
        numbers, rows = scorer.numbers(found).tolist(), found.tolist()
        return cls(
            [names[number] for number in numbers],
            [row[number] for row, number in zip(rows, numbers, strict=True)],
            [dict(zip(names, row, strict=True)) for row in rows],
        )

    @property
    def field(self) -> str:
        """What `told` is called in a batch's answer and in the log."""
        return "probability" if self.by_class is None else "probabilities"

    @property
    def told(self) -> Sequence[Any]:
        """Of each row one probability, or that of each class where there are more than two."""
        return self.chances if self.by_class is None else self.by_class

    def columns(self) -> Sequence[Sequence[float]]:
        """The same as columns: one, or one a class."""
        if self.by_class is None:
            return [self.chances]
        return list(zip(*(row.values() for row in self.by_class), strict=True))

    def of_classes(self, names: Sequence[str], place: int = 0) -> Mapping[str, float]:
        """The probability of each class of a row, of two classes too; these are the names."""
        if self.by_class is not None:
            return self.by_class[place]
        chance = self.chances[place]
        return dict(zip(names, (1.0 - chance, chance), strict=True))
