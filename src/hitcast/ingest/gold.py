"""Gold: the feature table, one row per key, kept in step with silver."""

from pyspark.sql import DataFrame

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import Changes, apply_changes, find_changes, key_of, row_hash
from hitcast.ingest.newest import ORIGIN
from hitcast.ingest.properties import GOLD_PROPERTIES, properties
from hitcast.tables.delta import Table
from hitcast.tables.keeping import let_go
from hitcast.tables.names import col


def sync_gold(gold: Table, silver: Table, use_case: UseCase, generated: bool) -> None:
    """Bring gold up to silver's newest version; nothing is committed where it is there.

    Gold holds the declared columns, `extraction_date`, and of several sources which one it was. Its
    commits carry the version of silver that they brought in, so that a run that changed nothing
    need not compare rows.
    """
    note = note_of(silver.version())
    if gold.exists() and gold.note() == note:
        return
    columns = _columns(use_case)
    rows = silver.read().select(*map(col, columns))
    if not gold.exists():
        make_gold(gold, rows, use_case, silver.version(), generated)
    elif set(gold.read().dtypes) != set(rows.dtypes):
        gold.overwrite(rows, note)
    else:
        key, values = key_of(use_case.key), row_hash(columns)
        of_rows = (key, values.alias("hash"), values.alias("place"))
        held = gold.read().select(*of_rows)
        changes = find_changes(rows.select(*of_rows), held, whole=True)
        wanted = changes.keys.where("kind != 'gone'").select(col("key").alias(use_case.key))
        changed = rows.join(wanted, use_case.key, how="left_semi")
        apply_changes(gold, changed.select(*rows.columns), use_case.key, changes, note)
        let_go(changes.keys)


def make_gold(
    gold: Table, rows: DataFrame, use_case: UseCase, silver_version: int, generated: bool
) -> None:
    """Create gold of the rows that a version of silver has, as silver has them."""
    note = note_of(silver_version)
    chosen = rows.select(*map(col, _columns(use_case)))
    gold.create_from(chosen, properties(generated, GOLD_PROPERTIES), note=note)


def follow_silver(
    gold: Table, use_case: UseCase, before: int, after: int, rows: DataFrame, changes: Changes
) -> bool:
    """Bring what changed in silver into a gold that was in step with it, without a comparison.

    Args:
        gold: The table.
        use_case: Whose key and columns it has.
        before: Silver's version that gold has to hold.
        after: Silver's version with the changes in it.
        rows: The rows that are new or have other values, as silver has them.
        changes: What changed; none of a date or a line alone.

    Returns:
        Whether gold was in step, and is again.
    """
    if not changes.any or not gold.exists() or gold.note() != note_of(before):
        return False
    chosen = rows.select(*map(col, _columns(use_case)))
    apply_changes(gold, chosen, use_case.key, changes, note_of(after))
    return True


def _columns(use_case: UseCase) -> list[str]:
    origin = [ORIGIN] if use_case.sources else []
    return [*use_case.column_names, "extraction_date", *origin]


def note_of(silver_version: int) -> str:
    """What gold's commits carry: the version of silver that they brought in."""
    return f"silver version {silver_version}"
