"""Delta tables that a catalog knows by name."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, DataFrameWriter

from hitcast.tables.delta import Table


class NamedTable(Table):
    """One Delta table that a catalog knows by name: `place` is `catalog.schema.table`."""

    def exists(self) -> bool:
        """Whether the table has been created."""
        return self.spark.catalog.tableExists(self.place)

    def _commits(self) -> Iterator[Path]:
        """None that this machine knows of: a catalog says where its tables are to Spark alone."""
        return iter(())

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
