"""Delta tables that a catalog knows by name."""

from collections.abc import Mapping
from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, DataFrameWriter

from hitcast.tables.delta import Table


class NamedTable(Table):
    """One Delta table that a catalog knows by name: `place` is `catalog.schema.table`."""

    def exists(self) -> bool:
        """Whether the table has been created."""
        return self.spark.catalog.tableExists(self.place)

    def create(self, schema: DataFrame, properties: Mapping[str, str]) -> None:
        """Create the table, empty, with the columns of `schema`, unless it exists."""
        # Delta's own builder takes no catalog's name.
        if not self.exists():
            self.create_from(self.spark.createDataFrame([], schema.schema), properties)

    def delta(self) -> DeltaTable:
        """The table as delta-spark's own handle, for MERGE."""
        return DeltaTable.forName(self.spark, self.place)

    def _newest(self) -> tuple[int, str | None]:
        """The newest version's number, and the note that its commit carries."""
        return self._newest_by_history()

    def drop(self) -> None:
        """Delete the table with all its versions; nothing happens where there is none."""
        self.spark.sql(f"DROP TABLE IF EXISTS {self._sql_name}")

    @property
    def _sql_name(self) -> str:
        return ".".join(f"`{part}`" for part in self.place.split("."))

    def _load(self, options: Mapping[str, Any]) -> DataFrame:
        return self.spark.read.options(**options).table(self.place)

    def _save(self, writer: DataFrameWriter) -> None:
        writer.saveAsTable(self.place)
