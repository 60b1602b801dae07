"""Gold's primary key in Unity Catalog, which takes a table that has one as a feature table.

The constraint is informational there: it says what silver's merge sees to. Delta outside of
Databricks refuses it, so it is for tables by name in other catalogs than Spark's own.
"""

from pyspark.errors import AnalysisException, PySparkException

from hitcast.ingest.progress import Say
from hitcast.tables.delta import Table
from hitcast.tables.named import NamedTable
from hitcast.tables.names import quoted

WITHOUT = ("spark_catalog", "hive_metastore")
"""Catalogs that know no such constraints."""


def give_primary_key(table: Table, key: str, say: Say) -> None:
    """Give a table of Unity Catalog its primary key, unless it has one; elsewhere nothing happens.

    Args:
        table: One row a key.
        key: The key's column, in which nothing is null.
        say: Told what was done, or why it could not be, which is no error: rows are as they are.
    """
    if not isinstance(table, NamedTable) or table.place.split(".")[0] in WITHOUT:
        return
    name = f"{table.place.split('.')[-1]}_key"
    steps = (
        f"ALTER COLUMN {quoted(key)} SET NOT NULL",
        f"ADD CONSTRAINT {quoted(name)} PRIMARY KEY ({quoted(key)})",
    )
    try:
        if _has_one(table):
            return
        # Whoever reads the newest commit's note finds what the one before said of the rows.
        note = table.note()
        for step in steps:
            table.alter(step, note)
    except PySparkException as error:
        why = str(error).strip().split("\n")[0]
        todo = "; ".join(f"ALTER TABLE {table.place} {step}" for step in steps)
        say(f"{table.name}: no primary key yet ({why}); whoever owns the table can say: {todo}")
        return
    say(f"{table.name}: {key} is its primary key now")


def _has_one(table: NamedTable) -> bool:
    """Whether the catalog tells of a primary key; True too where it tells of no constraints."""
    catalog, schema, name = table.place.split(".")
    asked = (
        f"SELECT 1 FROM {quoted(catalog)}.information_schema.table_constraints WHERE "
        "constraint_type = 'PRIMARY KEY' AND table_schema = :schema AND table_name = :name"
    )
    # Unity Catalog keeps names in small letters.
    named = {"schema": schema.lower(), "name": name.lower()}
    try:
        return bool(table.spark.sql(asked, args=named).collect())
    except AnalysisException as error:
        if error.getCondition() == "TABLE_OR_VIEW_NOT_FOUND":
            return True  # Another catalog than Unity Catalog.
        raise
