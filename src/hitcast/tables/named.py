"""Delta tables that a catalog knows by name."""

import os
from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, DataFrameWriter

from hitcast.tables.commit_log import CommitLog
from hitcast.tables.delta import Table

NO_LOG = CommitLog(os.devnull)


class NamedTable(Table):
    """One Delta table that a catalog knows by name: `place` is `catalog.schema.table`."""

    def exists(self) -> bool:
        """Whether the table has been created."""
        return self.spark.catalog.tableExists(self.place)

    @property
    def _log(self) -> CommitLog:
        """None that this machine knows of: a catalog says where its tables are to Spark alone."""
        return NO_LOG

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
