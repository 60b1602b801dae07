"""How many rows of each class there are, and how many of them tune."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from hitcast.errors import HitcastError
from hitcast.features.label import LABEL
from hitcast.models.metrics import Array
from hitcast.training.split import IS_TEST

LEAST_OF_A_CLASS = 500
"""Tuning takes so many rows of a class, or all that there are, however rare it is."""
POSITIVE = "positive"


def count_classes(marked: DataFrame, classes: int) -> dict[str, list[int]]:
    """Rows of each class, by number, of the parts `train` and `test`."""
    found = {
        (row[IS_TEST], row[LABEL]): int(row["count"])
        for row in marked.groupBy(IS_TEST, LABEL).count().collect()
    }
    parts = {"train": False, "test": True}
    return {
        part: [found.get((is_test, float(number)), 0) for number in range(classes)]
        for part, is_test in parts.items()
    }


def counts_of(sizes: Mapping[str, Sequence[int]], names: Sequence[str]) -> dict[str, int]:
    """Rows of each part, and of its positive class, or of each of more classes by its name."""
    counts: dict[str, int] = {}
    for part, by_class in sizes.items():
        counts[part] = sum(by_class)
        if len(by_class) == 2:
            counts[f"{part}_{POSITIVE}"] = by_class[1]
        else:
            counts |= {f"{part}_{n}": c for n, c in zip(names, by_class, strict=True)}
    return counts


def tuning_shares(by_class: Sequence[int], wanted: int) -> dict[float, float]:
    """Which share of each class tunes: the same of all, but enough of a rare one.

    Args:
        by_class: Training rows of each class.
        wanted: Tuning rows in all, about.
    """
    share = wanted / max(sum(by_class), 1)
    return {
        float(number): min(1.0, max(share, LEAST_OF_A_CLASS / max(size, 1)))
        for number, size in enumerate(by_class)
    }


def require_enough(
    sizes: Mapping[str, Sequence[int]], least: Mapping[str, int], names: Sequence[str]
) -> None:
    """Check that each part has rows of each class.

    Raises:
        HitcastError: if one has fewer than `least` says.
    """
    for part, wanted in least.items():
        by_class = sizes[part]
        if min(by_class) < wanted:
            told = names or ("negative", "positive")
            which = "both" if len(by_class) == 2 else "all"
            counted = [f"{count} {name}" for name, count in zip(told, by_class, strict=True)]
            raise HitcastError(
                f"expected rows of {which} classes among the {part} rows, {wanted} or more of "
                f"each; got {', '.join(counted)} ones; ingest more rows"
            )


def require_in_each_fold(
    label: Array, fold: NDArray[np.int64], folds: int, names: Sequence[str]
) -> None:
    """Check that each fold has rows of each class, without which it has no metrics.

    Raises:
        HitcastError: names the first class that a fold lacks.
    """
    told = names or ("negative", "positive")
    cells = fold * len(told) + label.astype(np.int64)
    counts = np.bincount(cells, minlength=folds * len(told)).reshape(folds, -1)
    for lacking, number in np.argwhere(counts == 0):
        raise HitcastError(
            f"expected rows of each class in each of {folds} folds, which split no group; fold "
            f"{lacking} has none of {told[number]}; ask for fewer --folds, or ingest more rows"
        )
