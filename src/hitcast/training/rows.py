"""What the driver holds of rows: labels, folds and groups, beside predictions of the same rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from hitcast.features.label import LABEL
from hitcast.models.bootstrap import Units, units_of
from hitcast.models.metrics import Array, Scored
from hitcast.training.split import FOLD, ROW, TUNING, UNIT

PROBABILITY = "probability"


@dataclass(frozen=True)
class Rows:
    """Rows in the order of their ids, without their inputs.

    Attributes:
        ids: Hashes of the keys, ascending, shape (n,).
        label: 0.0 or 1.0.
        fold: Which fold each is in.
        groups: Hashes of the groups.
        tuning: Whether each is a tuning row.
    """

    ids: NDArray[np.int64]
    label: Array
    fold: NDArray[np.int64]
    groups: NDArray[np.int64]
    tuning: NDArray[np.bool_]

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
        )

    def scored(self, probability: Array) -> Scored:
        """Labels beside probabilities in the same order."""
        return Scored(self.label, probability)

    def in_order(self, scores: pd.DataFrame) -> Array:
        """Probabilities that came in any order, in the order of the rows.

        Args:
            scores: `_row_` and `probability` of each of the rows, once.

        Raises:
            ValueError: if they are not of these rows: a defect of this package.
        """
        found = scores.sort_values(ROW, kind="stable")
        if not np.array_equal(found[ROW].to_numpy(), self.ids):
            raise ValueError(f"expected scores of {len(self.ids)} rows, got {len(found)} others")
        return found[PROBABILITY].to_numpy(dtype=float)

    def by_fold(self, probability: Array) -> list[Scored]:
        """Labels and probabilities of each fold."""
        parts = [self.fold == fold for fold in range(int(self.fold.max()) + 1)]
        return [Scored(self.label[part], probability[part]) for part in parts]


def read_rows(frame: DataFrame) -> Rows:
    """Bring what rows are beside their inputs to the driver; about 30 bytes a row."""
    held = frame.select(ROW, LABEL, FOLD, UNIT, TUNING).toPandas().sort_values(ROW, kind="stable")
    return Rows(
        ids=held[ROW].to_numpy(),
        label=held[LABEL].to_numpy(dtype=float),
        fold=held[FOLD].to_numpy(dtype=np.int64),
        groups=held[UNIT].to_numpy(),
        tuning=held[TUNING].to_numpy(dtype=bool),
    )
