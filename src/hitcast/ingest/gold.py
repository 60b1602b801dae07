"""Gold: the feature table, one row per key, kept in step with silver."""

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import apply_changes, find_changes
from hitcast.ingest.properties import GOLD_PROPERTIES, properties
from hitcast.tables.delta import Table
from hitcast.tables.names import col


def sync_gold(gold: Table, silver: Table, use_case: UseCase, generated: bool) -> None:
    """Bring gold up to silver's newest version; nothing is committed where it is there.

    Gold holds the declared columns and `extraction_date`. Its commits carry the version of silver
    that they brought in, so that a run that changed nothing need not compare rows.
    """
    note = f"silver version {silver.version()}"
    if gold.exists() and gold.note() == note:
        return
    columns = [*use_case.column_names, "extraction_date"]
    rows = silver.read().select(*map(col, columns))
    if not gold.exists():
        made_with = properties(generated, GOLD_PROPERTIES)
        gold.create_from(rows, made_with, note=note)
        return
    changes = find_changes(rows, gold, use_case.key, columns)
    apply_changes(gold, rows, use_case.key, changes, note)
