"""Silver: typed, checked rows, one per key: what the newest good line of each key says."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import Changes, apply_changes, find_changes, key_of, row_hash
from hitcast.ingest.newest import LINE, Resolution, origin_columns
from hitcast.ingest.properties import SILVER_PROPERTIES, properties
from hitcast.tables.delta import Table

OWN = ("extraction_date", "source_checksum", "line_id", "ingested_at")
"""The columns that silver has beside the declared ones."""


def bring_silver(
    silver: Table,
    resolution: Resolution,
    *,
    whole: bool,
    of: str | None,
    generated: bool,
    note: str,
) -> Changes | None:
    """Bring silver to what a resolution says, in one commit; in none where it is there.

    Args:
        silver: The table, which is made if it does not exist, and made anew in place, with its
            history, if its columns are not those of the use case.
        resolution: The newest lines.
        whole: Whether they are of all of bronze: rows of other keys leave silver.
        of: The content whose keys count as inserted and updated; None: all.
        generated: Whether the rows were generated.
        note: Text that the commit carries.

    Returns:
        The changes, whose frame is to be let go; None where silver was made.
    """
    use_case = resolution.use_case
    own = None if of is None else F.col("newest") == of
    wanted = resolution.newest().withColumn("place", _place(use_case))
    if not silver.exists():
        silver.create_from(resolution.rows(), properties(generated, SILVER_PROPERTIES), note=note)
        return None
    if not has_columns_of(silver, use_case):
        return _made_anew(silver, resolution, wanted, own, note)
    values = row_hash(use_case.column_names).alias("hash")
    # Of that version whatever happens: once silver has changed, lost changes are found again.
    before = silver.read(silver.version())
    held = before.select(key_of(use_case.key), values, _place(use_case).alias("place"))
    changes = find_changes(wanted, held, whole=whole, own=own)
    rows = changed_rows(resolution, changes)
    apply_changes(silver, rows, use_case.key, changes, note)
    return changes


def changed_rows(resolution: Resolution, changes: Changes) -> DataFrame:
    """The rows of changes as silver has them, but of those that are gone."""
    return resolution.rows(changes.keys.where("kind != 'gone'"))


def has_columns_of(silver: Table, use_case: UseCase) -> bool:
    """Whether silver's columns are the declared ones, in name and type."""
    declared = {(c.name, c.spark_type) for c in use_case.columns}
    found = silver.read().dtypes
    own = {*OWN, *origin_columns(use_case)}
    return {c for c in found if c[0] not in own} == declared and own <= {c[0] for c in found}


def _made_anew(
    silver: Table, resolution: Resolution, wanted: DataFrame, own: Column | None, note: str
) -> Changes:
    """Put the rows in the place of those of other columns; keys that were there are updated."""
    key, held = resolution.use_case.key, silver.read()
    if key in held.columns:
        keys = held.select(key_of(key).cast("string").alias("key"))
    else:
        keys = held.sparkSession.createDataFrame([], "key string")
    named = wanted.withColumn("key", F.col("key").cast("string"))
    nothing = keys.distinct().withColumns({"hash": F.lit(0), "place": F.lit(0)})
    changes = find_changes(named, nothing, whole=True, own=own)
    silver.overwrite(resolution.rows(), note)
    return changes


def _place(use_case: UseCase) -> Column:
    return F.xxhash64("extraction_date", *LINE, *origin_columns(use_case))
