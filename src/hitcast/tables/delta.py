"""Delta tables in a folder; `named` has those that a catalog knows by name.

Reading and writing go through `Table`, so that no other module knows which of the two it is. All
that Spark's own readers and writers can't do is asked for in SQL: delta-spark's handles need the
JVM within reach, or a server with an extension of theirs, and serverless compute has neither.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession

from hitcast.errors import SourceError
from hitcast.running.session import uses_this_machines_files
from hitcast.tables.commit_log import CommitLog, Row

BRACES = str.maketrans({"{": "{{", "}": "}}"})
GENERATED = "hitcast.generated"
"""The table property that tells generated rows from real ones."""


@dataclass(frozen=True)
class Table:
    """One Delta table in a folder, which may not exist yet.

    Attributes:
        name: What it is called among the tables of its use case.
        place: Where it is.
    """

    spark: SparkSession
    name: str
    place: str

    def exists(self) -> bool:
        """Whether the table has been created: whether its log has a commit."""
        if self._log.commits():
            return True
        # On another file system than this machine's Spark alone sees it.
        if uses_this_machines_files(self.spark):
            return False
        try:
            self.properties()
        except AnalysisException:
            return False
        return True

    def read(self, version: int | None = None) -> DataFrame:
        """Read the table, at `version` or as it stands now.

        Raises:
            SourceError: if the table, or that version of it, does not exist.
        """
        if not self.exists():
            raise self._absent()
        if version is None:
            return self._load({})
        newest = self.version()
        if not 0 <= version <= newest:
            raise SourceError(
                f"expected a version of {self.name} between 0 and {newest}, got {version}"
            )
        return self._load({"versionAsOf": version})

    def version(self) -> int:
        """The newest version's number."""
        return self._newest()[0]

    def note(self) -> str | None:
        """The text that the newest commit carries (`userMetadata`), if any."""
        return self._newest()[1]

    def properties(self) -> dict[str, str]:
        """The table's properties."""
        told = self._log.metadata()
        if told is not None:
            return dict(told.properties)
        # DESCRIBE DETAIL has them too, but counts files and bytes for it: 1.4 s against 0.07 s.
        rows = self.spark.sql(f"SHOW TBLPROPERTIES {self._sql_name}").collect()
        return {row["key"]: row["value"] for row in rows}

    def columns(self) -> Sequence[str]:
        """The names of the table's columns, in order."""
        told = self._log.metadata()
        return self.read().columns if told is None else told.columns

    def rows(self) -> Sequence[Row]:
        """All rows of a small table, each by column, in no order; times have their zone."""
        told = self._log.rows()
        if told is not None:
            return told
        found: list[Row] = self.read().toArrow().to_pylist()
        return found

    def is_generated(self) -> bool:
        """Whether the table holds generated rows."""
        return self.properties().get(GENERATED) == "true"

    def create(self, schema: DataFrame, properties: Mapping[str, str]) -> None:
        """Create the table, empty, with the columns of `schema`, unless it exists."""
        if not self.exists():
            self.create_from(self.spark.createDataFrame([], schema.schema), properties)

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
        # Braces of a name are none of the query's places for frames.
        table, on = (text.translate(BRACES) for text in (self._sql_name, condition))
        with self._noted(note):
            self.spark.sql(
                f"MERGE INTO {table} AS held USING {{rows}} AS incoming ON {on} "
                f"{deleted}WHEN MATCHED THEN UPDATE SET * {added} THEN INSERT *",
                rows=rows,
            )

    def alter(self, action: str, note: str | None = None) -> None:
        """Change how the table is defined; a commit of it carries `note`."""
        with self._noted(note):
            self.spark.sql(f"ALTER TABLE {self._sql_name} {action}")

    def history(self) -> DataFrame:
        """All commits that Delta still knows, newest first, with its own columns."""
        return self.spark.sql(f"DESCRIBE HISTORY {self._sql_name}")

    def identity(self) -> str:
        """What the table is known by, which another one in its place would not have."""
        return str(self.spark.sql(f"DESCRIBE DETAIL {self._sql_name}").collect()[0]["id"])

    def drop(self) -> None:
        """Delete the table with all its versions; nothing happens where there is none.

        It goes by one rename, so that a run that is killed leaves a table or none.
        """
        place = Path(self.place)
        doomed = place.with_name(f".{place.name}.dropped")
        shutil.rmtree(doomed, ignore_errors=True)
        if place.exists():
            place.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    @property
    def _sql_name(self) -> str:
        """The table as SQL names it."""
        return f"delta.`{self.place.replace('`', '``')}`"

    def _clear(self) -> None:
        """Remove what a run that was killed while it made the table has left in its place.

        Delta takes an empty log for a table that is there, and for one that can't be read.
        """
        if not self.exists():
            self.drop()

    def _load(self, options: Mapping[str, Any]) -> DataFrame:
        return self.spark.read.format("delta").options(**options).load(self.place)

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

    @property
    def _log(self) -> CommitLog:
        """The table's log, as far as this machine sees it."""
        return CommitLog(self.place)

    def _newest(self) -> tuple[int, str | None]:
        """The newest version's number, and the note that its commit carries."""
        # Asking Delta for its history costs a Spark job.
        return self._log.newest() or self._newest_by_history()

    def _newest_by_history(self) -> tuple[int, str | None]:
        """The same, asked of Delta."""
        if not self.exists():
            raise self._absent()
        newest = self.history().limit(1).collect()[0]
        note = newest["userMetadata"]
        return int(newest["version"]), None if note is None else str(note)

    def _absent(self) -> SourceError:
        return SourceError(
            f"expected the {self.name} table at {self.place}, found none; run jobs/ingest.py"
        )
