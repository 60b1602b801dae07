"""Gold: the feature table, one row per key, kept in step with silver."""

from hashlib import sha256

from pyspark.sql import DataFrame

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import Changes, apply_changes, find_changes, key_of, row_hash
from hitcast.ingest.newest import origin_columns
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
    note = name_of(silver)
    if gold.exists() and gold.note() == note:
        return
    columns = _columns(use_case)
    rows = silver.read().select(*map(col, columns))
    if not gold.exists():
        make_gold(gold, rows, use_case, note, generated)
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


def make_gold(gold: Table, rows: DataFrame, use_case: UseCase, note: str, generated: bool) -> None:
    """Create gold of rows as silver has them, in its version that `note` names."""
    chosen = rows.select(*map(col, _columns(use_case)))
    gold.create_from(chosen, properties(generated, GOLD_PROPERTIES), note=note)


def follow_silver(
    gold: Table, use_case: UseCase, before: str, after: str, rows: DataFrame, changes: Changes
) -> bool:
    """Bring what changed in silver into a gold that was in step with it, without a comparison.

    Args:
        gold: The table.
        use_case: Whose key and columns it has.
        before: Names silver's version that gold has to hold.
        after: Names silver's version with the changes in it.
        rows: The rows that are new or have other values, as silver has them.
        changes: What changed; none of a date or a line alone.

    Returns:
        Whether gold was in step, and is again.
    """
    if not changes.any or not gold.exists() or gold.note() != before:
        return False
    chosen = rows.select(*map(col, _columns(use_case)))
    apply_changes(gold, chosen, use_case.key, changes, after)
    return True


def _columns(use_case: UseCase) -> list[str]:
    return [*use_case.column_names, "extraction_date", *origin_columns(use_case)]


def name_of(silver: Table) -> str:
    """What gold's commits carry: the version of silver that they brought in.

    Its number alone would be that of another one too, where silver was made anew or copied back.
    """
    last = silver.last_change()
    told = sha256(f"{silver.identity()} {last.note}".encode()).hexdigest()[:12]
    return f"silver version {last.version} ({told})"
