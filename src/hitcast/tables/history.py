"""What a Delta table has been through: when its rows changed."""

from pyspark.sql import functions as F

from hitcast.tables.delta import Table

CHANGING = "WRITE|MERGE|DELETE|UPDATE|RESTORE|TABLE AS SELECT"
"""Delta's names of operations that change rows; others tidy files up, or set properties."""


def has_changed_since(table: Table, version: int) -> bool:
    """Whether a table's rows were changed after a version."""
    later = table.history().where(F.col("version") > version)
    return bool(later.where(F.col("operation").rlike(CHANGING)).limit(1).count())
