"""What a training knows of its rows, beside the scorer: profiles, reference rows, known groups.

One JSON file, written by the training and read without Spark. A profile holds the quantiles of
each number among the rows of one value (one genre, say), popular and other rows apart.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitcast.errors import ScorerInputError

INSIGHTS_FILE = "insights.json"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MEDIAN = QUANTILES.index(0.5)


@dataclass(frozen=True)
class Profile:
    """The rows of one value, in figures.

    Attributes:
        rows: Their number among the training rows.
        base_rate: Share of positive rows among them; of more classes than two, of the largest.
        typical: Median of each number, most frequent value of each category.
        positive: Quantiles (`QUANTILES`) of each number among positive rows; empty without any.
        other: The same among the others; of more classes than two, among all rows.
        shares: Share of each class, by name, where classes have names.
        by_class: Quantiles of each number among the rows of each class, where there are more than
            two.
        every: Quantiles of each number among all rows; insights of old have none, and of more
            classes than two, `other` are those.
    """

    rows: int
    base_rate: float
    typical: Mapping[str, float]
    positive: Mapping[str, Sequence[float]]
    other: Mapping[str, Sequence[float]]
    shares: Mapping[str, float] = field(default_factory=dict)
    by_class: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    every: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Insights:
    """Profiles and reference rows, by the values of one text column where there is one.

    Attributes:
        by: That column; None: there is the overall profile alone, and no reference.
        numbers: The numeric inputs that profiles and references hold.
        shown: The columns that name a reference row.
        overall: The profile of all training rows.
        profiles: The profile of each value.
        references: For each value, columns of positive rows, those with the highest label first; of
            named classes in the order of their keys, of more than two of all classes.
        groups: Values of the group's column among the training rows, sorted.
        categories: The categories that references hold beside the numbers.
    """

    by: str | None
    numbers: tuple[str, ...]
    shown: tuple[str, ...]
    overall: Profile
    profiles: Mapping[str, Profile]
    references: Mapping[str, Mapping[str, Sequence[Any]]]
    groups: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def save(self, folder: Path) -> None:
        """Write `insights.json` into a scorer's folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)
        (folder / INSIGHTS_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Insights | None":
        """Read what `save` wrote; None where the training wrote none.

        Raises:
            ScorerInputError: if the file is not of this form.
        """
        path = folder / INSIGHTS_FILE
        return cls.parse(path.read_bytes()) if path.is_file() else None

    @classmethod
    def parse(cls, text: bytes) -> "Insights":
        """Profiles and references from what `save` wrote.

        Raises:
            ScorerInputError: if it is not of this form.
        """
        try:
            found = json.loads(text)
            found["overall"] = Profile(**found["overall"])
            found["profiles"] = {v: Profile(**p) for v, p in found["profiles"].items()}
            for name in ("numbers", "shown", "groups", "categories"):
                found[name] = tuple(found.get(name, ()))
            return cls(**found)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ScorerInputError(
                f"{INSIGHTS_FILE} has to hold profiles and references; reading it failed with "
                f"{error!r}. Train again."
            ) from error

    def usual(self, name: str) -> Sequence[float] | None:
        """Quantiles of a number among all training rows; None where they are not known."""
        overall = self.overall
        # Of two classes, `other` are the rows of one alone.
        return (overall.every or ({} if overall.positive else overall.other)).get(name)

    def kind(self, row: Mapping[str, Any]) -> str | None:
        """The row's value that has a profile; None where it is unknown, or there are none."""
        value = None if self.by is None else row.get(self.by)
        return value if value in self.profiles else None

    def profile(self, row: Mapping[str, Any]) -> Profile:
        """The profile of the rows like one; of all rows where its value is unknown."""
        kind = self.kind(row)
        return self.overall if kind is None else self.profiles[kind]

    def nearest(self, row: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        """The reference rows of the row's value that are most like it, nearest first.

        Args:
            row: The numeric inputs and the value of `by`, where there is one.
            count: How many at most.

        Returns:
            Shown columns, `distance` (root mean square difference over the numbers, each in units
            of its spread: the range of the middle half of all rows; 0 for a row without numbers)
            and `features`.
        """
        held = self.references.get(self.kind(row) or "")
        if not held or not next(iter(held.values())):
            return []
        numbers = [name for name in self.numbers if row.get(name) is not None]
        distance = self._distance(row, numbers, held)
        features = [*self.numbers, *self.categories]
        nearest = [p for p in np.argsort(distance, kind="stable").tolist() if distance[p] < np.inf]
        return [
            {name: held[name][place] for name in self.shown}
            | {
                "distance": round(float(distance[place]), 4),
                "features": {name: held[name][place] for name in features},
            }
            for place in nearest[:count]
        ]

    def _distance(
        self, row: Mapping[str, Any], numbers: Sequence[str], held: Mapping[str, Sequence[Any]]
    ) -> NDArray[np.float64]:
        """How far each reference is from a row; infinitely, if they have no number in common."""
        if not numbers:
            return np.zeros(len(next(iter(held.values()))))
        matrix = np.array([held[name] for name in numbers], dtype=np.float64)
        point = np.array([[float(row[name])] for name in numbers])
        apart: NDArray[np.float64] = ((matrix - point) / self._spread(numbers)) ** 2
        known = (~np.isnan(apart)).sum(axis=0)
        mean = np.nansum(apart, axis=0) / np.maximum(known, 1)
        return np.where(known > 0, np.sqrt(mean), np.inf)

    def _spread(self, numbers: Sequence[str]) -> NDArray[np.float64]:
        """The middle half's range of each number among all rows; 1 where that is nothing."""
        quarters = [self._quantiles(n) or (0.0,) * len(QUANTILES) for n in numbers]
        wide = np.array([[q[MEDIAN + 1] - q[MEDIAN - 1]] for q in quarters])
        return np.where(wide > 0, wide, 1.0)

    def _quantiles(self, name: str) -> Sequence[float] | None:
        return self.overall.other.get(name) or self.overall.positive.get(name)
