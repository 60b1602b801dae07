"""Changes: what a set of rows would change in a table, and their commit.

Rows are compared by a 64-bit hash of their values, so that only keys and hashes are shuffled.
Nothing is committed where nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.tables.delta import Table
from hitcast.tables.keeping import kept
from hitcast.tables.names import col, quoted

GONE = "_gone_"


@dataclass(frozen=True)
class Changes:
    """What differs between the rows that a table should have and those that it has.

    Attributes:
        keys: A row a change: `key`, `kind` (`new`; `differs`, in values; `moved`, in another
            date or line alone; `gone`, from the table), and the columns of the wanted rows.
            Persisted where that is possible; whoever found them lets them go.
        new: How many there are of that kind; of `differs`, `moved`, `gone` as well.
        inserted: New ones that the extract at hand brought.
        updated: Those of other values that it brought.
    """

    keys: DataFrame
    new: int = 0
    differs: int = 0
    moved: int = 0
    gone: int = 0
    inserted: int = 0
    updated: int = 0

    @property
    def any(self) -> bool:
        """Whether there are changes."""
        return bool(self.new or self.differs or self.moved or self.gone)


def find_changes(
    wanted: DataFrame, held: DataFrame, *, whole: bool, own: Column | None = None
) -> Changes:
    """Compare rows, one per key, with those of a table.

    Args:
        wanted: Rows with `key`, `hash` and, if `whole`, `place` (a hash too), and any others.
        held: The table's, with `key`, `hash` and, if `whole`, `place`.
        whole: Whether a key that is not among `wanted` goes, and another place is a change.
        own: Whether a wanted row was brought by the extract at hand; None: all were.

    Returns:
        The changes.
    """
    places = ["place"] if whole else []
    held = held.select("key", *(F.col(name).alias(f"held_{name}") for name in ("hash", *places)))
    joined = wanted.join(held, "key", how="full" if whole else "left")
    kind = F.when(F.col("held_hash").isNull(), "new")
    if whole:
        kind = F.when(F.col("hash").isNull(), "gone").when(F.col("held_hash").isNull(), "new")
    kind = kind.when(F.col("hash") != F.col("held_hash"), "differs")
    if whole:
        kind = kind.when(F.col("place") != F.col("held_place"), "moved")
    mine = F.lit(True) if own is None else F.coalesce(own, F.lit(False))
    rest = [c for c in wanted.columns if c not in ("key", "hash", "place")]
    changed = joined.select("key", kind.alias("kind"), mine.alias("own"), *rest)
    keys = kept(changed.where(F.col("kind").isNotNull()))
    found = keys.groupBy("kind", "own").count().collect()
    counts = {(row["kind"], row["own"]): row["count"] for row in found}
    every = {k: counts.get((k, True), 0) + counts.get((k, False), 0) for k in KINDS}
    return Changes(
        keys,
        **every,
        inserted=counts.get(("new", True), 0),
        updated=counts.get(("differs", True), 0),
    )


KINDS = ("new", "differs", "moved", "gone")


def apply_changes(table: Table, rows: DataFrame, key: str, changes: Changes, note: str) -> None:
    """Commit changes to the table, if there are any, in one commit.

    Args:
        table: The table that the changes were found in.
        rows: The rows of all changes but those that are gone.
        key: The key's column.
        changes: What `find_changes` returned.
        note: Text that the commit carries.
    """
    if not changes.any:
        return
    if changes.new and not (changes.differs or changes.moved or changes.gone):
        table.append(rows, note=note)
        return
    if changes.gone:
        gone = changes.keys.where("kind = 'gone'").select(
            F.col("key").alias(key), F.lit(True).alias(GONE)
        )
        rows = rows.withColumn(GONE, F.lit(False)).unionByName(gone, allowMissingColumns=True)
    condition = f"held.{quoted(key)} = incoming.{quoted(key)}"
    table.merge(rows, condition, note, gone=GONE if changes.gone else None)


def key_of(key: str) -> Column:
    """The key under the name that frames of changes have it."""
    return col(key).alias("key")


def row_hash(columns: Sequence[str]) -> Column:
    """One hash of all values; a null is told apart by its place, which xxhash64 passes over."""
    return F.xxhash64(*map(col, columns), null_marks(columns))


def null_marks(columns: Sequence[str]) -> Column:
    """A text of one digit a column: whether it is null."""
    return F.concat(*(F.when(col(c).isNull(), "1").otherwise("0") for c in columns))
