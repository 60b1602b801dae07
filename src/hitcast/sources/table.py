"""Tables as extracts: whatever Spark can read by name, each row as one JSON object."""

from hashlib import sha256

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.sources.columns import check_columns
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout
from hitcast.sources.rows import as_json
from hitcast.tables.delta import GENERATED
from hitcast.tables.fingerprint import fingerprint


def table_extract(spark: SparkSession, name: str, use_case: UseCase) -> Extract:
    """Open a table as an extract.

    Args:
        spark: The session that knows the table.
        name: Its name in the catalog (`main.music.tracks`), or a folder: "delta.`/path`".
        use_case: Says which columns are expected; others are kept in bronze alone.

    Returns:
        The extract. A table has no order of its own: rows are put in the order of their values,
        so that of two rows with one key the same one is kept each time.

    Raises:
        SourceError: if there is no such table, or it lacks columns or rows.
    """
    try:
        table = spark.table(name)
        found = table.columns
    except (AnalysisException, ParseException):
        raise SourceError(
            f"expected a table {name}, found none that Spark can read; check the name, or write a "
            "Delta folder as delta.`/path`"
        ) from None
    check_columns(name, found, use_case)
    rows = _as_json(table)
    count, content = fingerprint(rows, F.col("hash"))
    if count == 0:
        expected = list(use_case.source_names)
        raise SourceError(f"{name} has no rows: expected some with {expected}, found {found} alone")
    return Extract(
        source="table",
        name=name,
        checksum=sha256(f"{name}\n{count}\n{content}".encode()).hexdigest(),
        generated=_is_generated(spark, name),
        layout=Layout("json"),
        read=lambda _: _lines(rows),
    )


def _as_json(table: DataFrame) -> DataFrame:
    """Each row as one JSON object of all its columns, with a hash of it."""
    return table.select(as_json(table).alias("row")).withColumn("hash", F.xxhash64("row"))


def _lines(rows: DataFrame) -> DataFrame:
    return rows.orderBy("hash", "row").select(
        F.monotonically_increasing_id().alias("line_id"),
        F.col("row").cast("binary").alias("raw_line"),
    )


def _is_generated(spark: SparkSession, name: str) -> bool:
    """Whether the table says of itself that its rows were generated; views say nothing."""
    try:
        properties = spark.sql(f"SHOW TBLPROPERTIES {name}").collect()
    except AnalysisException:
        return False
    return any(row["key"] == GENERATED and row["value"] == "true" for row in properties)
