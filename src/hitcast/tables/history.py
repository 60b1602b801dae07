"""What a Delta table has been through: which table it is, and when its rows changed."""

from pyspark.sql import functions as F

from hitcast.tables.delta import Table

CHANGING = "WRITE|MERGE|DELETE|UPDATE|RESTORE|TABLE AS SELECT"
"""Delta's names of operations that change rows; others tidy files up, or set properties."""


def identity(table: Table) -> str:
    """What a table is known by, which another one in its place would not have."""
    return str(table.delta().detail().collect()[0]["id"])


def has_changed_since(table: Table, version: int) -> bool:
    """Whether a table's rows were changed after a version."""
    later = table.delta().history().where(F.col("version") > version)
    return bool(later.where(F.col("operation").rlike(CHANGING)).limit(1).count())
