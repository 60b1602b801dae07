"""Tables as extracts: whatever Spark can read by name, its columns cast to text."""

from collections.abc import Sequence
from hashlib import sha256

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.sources.extract import Extract
from hitcast.tables.delta import GENERATED


def table_extract(spark: SparkSession, name: str, use_case: UseCase) -> Extract:
    """Open a table as an extract.

    Args:
        spark: The session that knows the table.
        name: Its name in the catalog (`main.music.tracks`), or a folder: "delta.`/path`".
        use_case: Says which columns are expected; others are ignored.

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
    expected = list(use_case.column_names)
    missing = [column for column in expected if column not in found]
    if missing:
        raise SourceError(f"{name} lacks the columns {missing}: expected {expected}, found {found}")
    rows = _as_text(table, expected)
    count, content = _fingerprint(rows)
    if count == 0:
        raise SourceError(f"{name} has no rows: expected some with {expected}, found {found} alone")
    return Extract(
        source="table",
        name=name,
        checksum=sha256(f"{name}\n{count}\n{content}".encode()).hexdigest(),
        generated=_is_generated(spark, name),
        read=lambda _: _lines(rows, expected),
    )


def _as_text(table: DataFrame, columns: Sequence[str]) -> DataFrame:
    """The declared columns as text, with a hash of each row."""
    texts = table.select(*(table[f"`{name}`"].cast("string").alias(name) for name in columns))
    parts = [F.coalesce(F.concat(F.lit("+"), texts[f"`{name}`"]), F.lit("-")) for name in columns]
    return texts.withColumn("line_hash", F.xxhash64(*parts))


def _fingerprint(rows: DataFrame) -> tuple[int, str]:
    """The number of rows, and a hash of all of them that does not mind their order."""
    hashes = F.sum(F.col("line_hash").cast("decimal(38, 0)"))
    found = rows.agg(F.count("*").alias("rows"), hashes.alias("content")).collect()[0]
    return int(found["rows"]), str(found["content"])


def _lines(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
    quoted = [f"`{name}`" for name in columns]
    return rows.orderBy("line_hash", *quoted).select(
        F.monotonically_increasing_id().alias("line_id"),
        "line_hash",
        *quoted,
        F.lit(None).cast("array<string>").alias("line_defects"),
        F.lit(None).cast("binary").alias("raw_line"),
    )


def _is_generated(spark: SparkSession, name: str) -> bool:
    """Whether the table says of itself that its rows were generated; views say nothing."""
    try:
        properties = spark.sql(f"SHOW TBLPROPERTIES {name}").collect()
    except AnalysisException:
        return False
    return any(row["key"] == GENERATED and row["value"] == "true" for row in properties)
