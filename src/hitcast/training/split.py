"""Who may be seen by which fit: test rows by key or cut-off, folds by group, tuning rows by key.

All are told by the data itself or its hashes, never from a random generator, so that they do not
depend on partitions, order or Spark's version of `rand()`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.fingerprint import BY_KEY
from hitcast.features.columns import require_columns

IS_TEST = "is_test"
FOLD = "fold"
TUNING = "is_tuning"
ROW = "_row_"
UNIT = "_unit_"
_BUCKETS = 1_000_000


def with_test_mark(split: Mapping[str, Any]) -> Callable[[DataFrame], DataFrame]:
    """Build a step that marks the test rows.

    The mark depends on key and salt alone, or on a column and its cut-off: a row that is a test row
    once is one in every training, whatever its seed and whatever other rows there are.

    Args:
        split: As a fingerprint states it.

    Returns:
        Step adding `is_test` (boolean, never null).
    """
    by_key = split["kind"] == BY_KEY
    name = split["key"] if by_key else split["by"]

    def add_mark(rows: DataFrame) -> DataFrame:
        require_columns(rows, [name], step="with_test_mark")
        if not by_key:
            later = F.col(name) >= float(split["from"])
            return rows.withColumn(IS_TEST, F.coalesce(later, F.lit(False)))
        share = int(split["percent"]) * _BUCKETS // 100
        return rows.withColumn(IS_TEST, _bucket(split["salt"], F.col(name)) < share)

    return add_mark


def with_ids(group: str | None, key: str) -> Callable[[DataFrame], DataFrame]:
    """Build a step that numbers rows and groups, so that no names are needed to tell them apart.

    Args:
        group: The column whose values go together, or None where rows stand alone. Rows without a
            value stand alone.
        key: The column that names a row.

    Returns:
        Step adding `_row_` and `_unit_` (long, never null): hashes of the key, and of the group.
    """

    def add_ids(rows: DataFrame) -> DataFrame:
        return rows.withColumns(
            {ROW: F.xxhash64(F.col(key).cast("string")), UNIT: F.xxhash64(_unit(group, key))}
        )

    return add_ids


def with_fold(
    group: str | None, key: str, folds: int, seed: int
) -> Callable[[DataFrame], DataFrame]:
    """Build a step that deals rows into folds, all rows of a group into the same one.

    Args:
        group: The column whose values are never split, or None where rows stand alone. Rows
            without a value stand alone.
        key: The column that names a row.
        folds: Number of folds.
        seed: Another seed deals other folds.

    Returns:
        Step adding `fold` (int, 0 to `folds` - 1, never null).
    """

    def add_fold(rows: DataFrame) -> DataFrame:
        require_columns(rows, [key] if group is None else [group, key], step="with_fold")
        unit = _unit(group, key)
        return rows.withColumn(FOLD, (_bucket(f"fold-{seed}", unit) % folds).cast("int"))

    return add_fold


def tuning_share(key: str, label: str, shares: Mapping[float, float], seed: int) -> Column:
    """A condition that holds for about a share of the rows of each class, drawn by key.

    Args:
        key: The column that names a row.
        label: The column of the class.
        shares: From 0 to 1, by the class's label.
        seed: Another seed draws others.
    """
    share = F.lit(0)
    for value, part in shares.items():
        share = F.when(F.col(label) == value, int(part * _BUCKETS)).otherwise(share)
    return _bucket(f"tuning-{seed}", F.col(key)) < share


def in_fixed_order(key: str, partitions: int) -> Callable[[DataFrame], DataFrame]:
    """Build a step that fixes partitions and the order in them.

    Both move the results of MLlib's fits (areaUnderROC by .005); with both fixed, a laptop and a
    cluster fit the same model.
    """

    def order(rows: DataFrame) -> DataFrame:
        return rows.repartition(partitions, key).sortWithinPartitions(key)

    return order


def _unit(group: str | None, key: str) -> Column:
    """What goes together: the group, or the row itself where it has none."""
    alone = F.col(key).cast("string")
    return alone if group is None else F.coalesce(F.col(group).cast("string"), alone)


def _bucket(salt: str, column: Column) -> Column:
    """A number from 0 to 999,999, evenly spread by the hash of `salt` and the value."""
    return F.pmod(F.xxhash64(F.lit(salt), column.cast("string")), F.lit(_BUCKETS))
