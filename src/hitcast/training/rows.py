"""What the driver holds of rows: labels, folds and groups, beside predictions of the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from hitcast.features.label import LABEL
from hitcast.models.bootstrap import Units, units_of
from hitcast.models.metrics import Array, Scored
from hitcast.models.standing import standing_for
from hitcast.training.split import FOLD, ROW, TUNING, UNIT


@dataclass(frozen=True)
class Shares:
    """Shares of the classes that rows stand for, in all and among the tuning rows; None: their own.

    Tuning takes more of a rare class, and a sample may have been drawn by class.
    """

    whole: tuple[float, ...] | None = None
    tuning: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Scores:
    """Rows by their ids, in any order, with what a model says of them.

    Attributes:
        ids: Shape (n,).
        probability: Of the positive one of two classes, (n,), or of each of more, (n, classes).
    """

    ids: NDArray[np.int64]
    probability: Array


@dataclass(frozen=True)
class Rows:
    """Rows in the order of their ids, without their inputs.

    Attributes:
        ids: Hashes of the keys, ascending, shape (n,).
        label: The number of each row's class.
        fold: Which fold each is in.
        groups: Hashes of the groups.
        tuning: Whether each is a tuning row.
        shares: What classes stand for, where that is not what they are.
    """

    ids: NDArray[np.int64]
    label: Array
    fold: NDArray[np.int64]
    groups: NDArray[np.int64]
    tuning: NDArray[np.bool_]
    shares: Shares = Shares()

    @cached_property
    def weights(self) -> Array | None:
        """How many rows each stands for; None: one."""
        shares = self.shares.whole
        return None if shares is None else standing_for(self.label, shares)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many rows of each class there are."""
        return np.bincount(self.label.astype(np.int64))

    @cached_property
    def units(self) -> Units:
        """The groups, numbered."""
        return units_of(self.groups)

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        """The chosen ones, in the same order."""
        return Rows(
            ids=self.ids[chosen],
            label=self.label[chosen],
            fold=self.fold[chosen],
            groups=self.groups[chosen],
            tuning=self.tuning[chosen],
            shares=self.shares,
        )

    @cached_property
    def of_tuning(self) -> "Rows":
        """The tuning rows, which stand for what all rows are."""
        found = self.where(self.tuning)
        return replace(found, shares=Shares(self.shares.tuning, self.shares.tuning))

    def scored(self, probability: Array) -> Scored:
        """Labels beside probabilities in the same order."""
        return Scored(self.label, probability, self.weights)

    def in_order(self, scores: Sequence[Scores]) -> Array:
        """Probabilities that came in any order, in the order of the rows.

        Args:
            scores: Those of each of the rows, once, in parts.

        Raises:
            ValueError: if they are not of these rows: a defect of this package.
        """
        ids = np.concatenate([part.ids for part in scores])
        order = np.argsort(ids, kind="stable")
        if not np.array_equal(ids[order], self.ids):
            raise ValueError(f"expected scores of {len(self.ids)} rows, got {len(ids)} others")
        found: Array = np.concatenate([part.probability for part in scores])[order]
        return found

    def by_fold(self, probability: Array) -> list[Scored]:
        """Labels and probabilities of each fold."""
        whole = self.scored(probability)
        return [whole.where(self.fold == fold) for fold in range(int(self.fold.max()) + 1)]


def read_rows(frame: DataFrame, shares: Shares) -> Rows:
    """Bring what rows are beside their inputs to the driver; about 30 bytes a row."""
    held = frame.select(ROW, LABEL, FOLD, UNIT, TUNING).toPandas().sort_values(ROW, kind="stable")
    return Rows(
        ids=held[ROW].to_numpy(),
        label=held[LABEL].to_numpy(dtype=float),
        fold=held[FOLD].to_numpy(dtype=np.int64),
        groups=held[UNIT].to_numpy(),
        tuning=held[TUNING].to_numpy(dtype=bool),
        shares=shares,
    )
