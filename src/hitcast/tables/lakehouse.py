"""The tables of a use case: in a folder, or in a catalog's schema where one is given."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import SparkSession

from hitcast.errors import LakehouseError
from hitcast.tables.delta import Table
from hitcast.tables.named import NamedTable


@dataclass(frozen=True)
class Lakehouse:
    """The tables of one use case.

    Attributes:
        root: The folder of tables; where a schema is given, that of the lock alone.
        schema: `catalog.schema`, in which tables are called `USE-CASE_TABLE`; None: in the folder.
    """

    spark: SparkSession
    root: Path
    use_case: str
    schema: str | None = None

    @property
    def where(self) -> str:
        """Where the tables are, for people."""
        return f"{self.schema}.{self.use_case}_*" if self.schema else str(self.root / self.use_case)

    @contextmanager
    def alone(self, of: str = "") -> Iterator[None]:
        """Keep other jobs from changing the tables; the system lets go when a job dies.

        Args:
            of: Which of them, as those of the logs are changed by other jobs than the rest.

        Raises:
            LakehouseError: if another job is at it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f".{self.use_case}{of and f'.{of}'}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LakehouseError(
                    f"expected to be alone with the tables in {self.where}, found another job "
                    "changing them; run again when it has ended"
                ) from None
            except OSError:
                pass  # No locks here, as on a volume: there the platform runs one job at a time.
            if self.schema is not None and not self.spark.catalog.databaseExists(self.schema):
                self.spark.sql(f"CREATE SCHEMA {self.schema}")
            yield

    def table(self, name: str) -> Table:
        """The table `name`, whether or not it exists yet."""
        if self.schema is None:
            return Table(self.spark, name, str(self.root / self.use_case / name))
        return NamedTable(self.spark, name, f"{self.schema}.{self.use_case}_{name}")

    @property
    def bronze(self) -> Table:
        """Every line as it came."""
        return self.table("bronze")

    @property
    def extracts(self) -> Table:
        """Which content was brought in, as that of which day, in which order."""
        return self.table("extracts")

    @property
    def quality(self) -> Table:
        """How many lines of each extract broke each rule, and whether gates let it in."""
        return self.table("quality")

    @property
    def silver(self) -> Table:
        """Typed, checked rows, one per key."""
        return self.table("silver")

    @property
    def quarantine(self) -> Table:
        """Lines that failed, with every reason."""
        return self.table("quarantine")

    @property
    def gold(self) -> Table:
        """The feature table, one row per key."""
        return self.table("gold")

    @property
    def inference_log(self) -> Table:
        """What the API answered, a row a line of its log."""
        return self.table("inference_log")

    @property
    def feedback(self) -> Table:
        """What the API was told of outcomes, a row a line."""
        return self.table("feedback")

    @property
    def experiments(self) -> Table:
        """What happened to experiments, with what was declared of them, a row a line."""
        return self.table("experiments")
