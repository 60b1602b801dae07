"""Changes: what a set of rows would change in a table, and their commit.

Rows are compared by a 64-bit hash of their values, so that only keys and hashes are shuffled.
Nothing is committed where nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.tables.delta import Table
from hitcast.tables.keeping import kept, let_go
from hitcast.tables.names import col, quoted


@dataclass(frozen=True)
class Changes:
    """Keys that are new or whose values differ, in number and as rows of `key`, `is_new`."""

    inserted: int
    updated: int
    keys: DataFrame


def find_changes(
    rows: DataFrame,
    table: Table,
    key: str,
    compared: Sequence[str],
    newest: str | None = None,
) -> Changes:
    """Compare rows, one per key, with a table.

    Args:
        rows: What the table should hold; keys that it does not have are no change.
        table: An existing table with the same columns.
        key: The key's column.
        compared: Columns whose values make a difference; nulls equal nulls.
        newest: A date column; rows older than the table's change nothing. None: all may.

    Returns:
        The changes, persisted where that is possible; `apply_changes` or the caller lets them go.
    """
    date = [newest] if newest else []
    incoming = rows.select(key_of(key), row_hash(compared).alias("hash"), *map(col, date))
    current = table.read().select(
        key_of(key),
        row_hash(compared).alias("held_hash"),
        *(col(d).alias("held_date") for d in date),
    )
    differs = F.col("hash") != F.col("held_hash")
    if newest:
        differs &= col(newest) >= F.col("held_date")
    is_new = F.col("held_hash").isNull()
    joined = incoming.join(current, "key", how="left").where(is_new | differs)
    keys = kept(joined.select("key", is_new.alias("is_new")))
    counts = {row["is_new"]: row["count"] for row in keys.groupBy("is_new").count().collect()}
    return Changes(counts.get(True, 0), counts.get(False, 0), keys)


def apply_changes(table: Table, rows: DataFrame, key: str, changes: Changes, note: str) -> None:
    """Commit the rows of `changes` to the table, if there are any, in one commit.

    Args:
        table: The table that the changes were found in.
        rows: The rows that they were found with.
        key: The key's column.
        changes: What `find_changes` returned; its frame is let go of.
        note: Text that the commit carries.
    """
    if changes.inserted or changes.updated:
        wanted = changes.keys.withColumnRenamed("key", key)
        changed = rows.join(wanted, key, how="left_semi").select(*map(col, rows.columns))
        if changes.updated:
            table.merge(changed, f"held.{quoted(key)} = incoming.{quoted(key)}", note)
        else:
            table.append(changed, note=note)
    let_go(changes.keys)


def key_of(key: str) -> Column:
    """The key under the name that frames of changes have it."""
    return col(key).alias("key")


def row_hash(columns: Sequence[str]) -> Column:
    """One hash of all values; a null is told apart by its place, which xxhash64 passes over."""
    nulls = F.concat(*(F.when(col(c).isNull(), "1").otherwise("0") for c in columns))
    return F.xxhash64(*map(col, columns), nulls)
