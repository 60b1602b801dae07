"""Delta tables in a folder; `named` has those that a catalog knows by name.

Reading and writing go through `Table`, so that no other module knows which of the two it is. All
that Spark's own readers and writers can't do is asked for in SQL: delta-spark's handles need the
JVM within reach, or a server with an extension of theirs, and serverless compute has neither.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, DataFrameWriter

from hitcast.errors import LakehouseError
from hitcast.tables.emptying import EmptyingTable
from hitcast.tables.names import quoted
from hitcast.tables.reading import GENERATED

__all__ = ["GENERATED", "Table"]


class Table(EmptyingTable):
    """One Delta table in a folder, which may not exist yet."""

    def create(self, schema: DataFrame, properties: Mapping[str, str]) -> None:
        """Create the table, empty, with the columns of `schema`, unless it exists."""
        if self.exists():
            return
        self._clear()
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in schema.dtypes)
        kept = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
        # To write no rows costs a second more than to write that there are none.
        self.spark.sql(
            f"CREATE TABLE {self._sql_name} ({columns}) USING delta TBLPROPERTIES ({kept})"
        )

    def widen(self, schema: DataFrame) -> None:
        """Add the columns of `schema` that the table lacks, where a newer version writes more."""
        known = set(self.read().columns)
        new = [f"{quoted(name)} {kind}" for name, kind in schema.dtypes if name not in known]
        if new:
            self.alter(f"ADD COLUMNS ({', '.join(new)})")

    def create_from(
        self, rows: DataFrame, properties: Mapping[str, str], note: str | None = None
    ) -> None:
        """Create the table with `rows` and properties in one commit: there or not, never half."""
        self._clear()
        writer = rows.writeTo(self._sql_name).using("delta")
        for key, value in properties.items():
            writer = writer.tableProperty(key, value)
        with self._noted(note):
            writer.create()

    def append(self, rows: DataFrame, note: str | None = None, **options: Any) -> None:
        """Add `rows` in one commit, which carries `note`; `options` are Delta's own."""
        noted = {} if note is None else {"userMetadata": note}
        self._save(rows.write.format("delta").mode("append").options(**options, **noted))

    def replace(self, rows: DataFrame, condition: str, note: str) -> None:
        """Put `rows` in the place of those that fulfil `condition`, as they do, in one commit."""
        writer = rows.write.format("delta").mode("overwrite").option("userMetadata", note)
        self._save(writer.option("replaceWhere", condition))

    def overwrite(self, rows: DataFrame, note: str) -> None:
        """Put `rows`, of whatever columns, in the place of all, in one commit.

        Properties and older versions stay.
        """
        writer = rows.write.format("delta").mode("overwrite").option("userMetadata", note)
        self._save(writer.option("overwriteSchema", "true"))

    def merge(self, rows: DataFrame, condition: str, note: str, gone: str | None = None) -> None:
        """Update the rows that `rows` match and add the others, in one commit.

        Args:
            rows: At most one row for each of the table's; with the table's columns.
            condition: When two match, by the names `held` and `incoming`.
            note: Text that the commit carries.
            gone: A column of `rows`, true where the row that it matches is to be deleted.
        """
        deleted = f"WHEN MATCHED AND incoming.{gone} THEN DELETE " if gone else ""
        added = f"WHEN NOT MATCHED AND NOT incoming.{gone}" if gone else "WHEN NOT MATCHED"
        with self._noted(note):
            self._merge(
                rows, condition, f"{deleted}WHEN MATCHED THEN UPDATE SET * {added} THEN INSERT *"
            )

    def add_new(self, rows: DataFrame, condition: str, note: str) -> int:
        """Add those of `rows` that match no row, in one commit; returns how many that are.

        Args:
            rows: With the table's columns.
            condition: When two match, by the names `held` and `incoming`.
            note: Text that the commit carries.
        """
        with self._noted(note):
            counts = self._merge(rows, condition, "WHEN NOT MATCHED THEN INSERT *")
        return int(counts["num_inserted_rows"])

    def alter(self, action: str, note: str | None = None) -> None:
        """Change how the table is defined; a commit of it carries `note`."""
        with self._noted(note):
            self.spark.sql(f"ALTER TABLE {self._sql_name} {action}")

    def drop(self) -> None:
        """Delete the table with all its versions; nothing happens where there is none.

        It goes by one rename, so that a run that is killed leaves a table or none.

        Raises:
            LakehouseError: if it is there still, as where Spark's files are not this machine's.
        """
        place = Path(self.place)
        doomed = place.with_name(f".{place.name}.dropped")
        shutil.rmtree(doomed, ignore_errors=True)
        if place.exists():
            place.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
        if self.exists():
            raise LakehouseError(
                f"expected to delete the {self.name} table, found it where this machine can't: "
                f"delete {self.place} there, and run again"
            )

    def _clear(self) -> None:
        """Remove what a run that was killed while it made the table has left in its place.

        Delta takes an empty log for a table that is there, and for one that can't be read.
        """
        if not self.exists():
            self.drop()

    def _save(self, writer: DataFrameWriter) -> None:
        writer.save(self.place)

    @contextmanager
    def _noted(self, note: str | None) -> Iterator[None]:
        """Have the commits of a block carry `note`: not every way of writing takes an option.

        Serverless compute takes no such setting; there they carry none, and whoever looks for it
        does its work once more.
        """
        conf = "spark.databricks.delta.commitInfo.userMetadata"
        if note is not None:
            with suppress(PySparkException):
                self.spark.conf.set(conf, note)
        try:
            yield
        finally:
            with suppress(PySparkException):
                self.spark.conf.unset(conf)
