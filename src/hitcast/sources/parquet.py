"""Parquet files as extracts: each row as one JSON object, in the file's order."""

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.sources.columns import check_columns, once_each
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout
from hitcast.sources.lines import one_file
from hitcast.sources.paths import content_of
from hitcast.sources.rows import as_json


def parquet_extract(path: Path, use_case: UseCase, *, source: str = "parquet") -> Extract:
    """Open a Parquet file as an extract.

    Args:
        path: The file; on a platform, one that Spark and Python both see.
        use_case: Says which columns are expected; others are kept in bronze alone.
        source: Kind of source, for the counts.

    Raises:
        SourceError: if the file is no Parquet, or lacks columns or rows.
    """
    content = content_of(path, "parquet")
    expected = list(use_case.source_names)
    found, rows = _schema(content.path)
    check_columns(content.path.name, found, use_case)
    # To Spark, names that differ in case alone are one.
    once_each(content.path.name, [n.lower() for n in found], [n.lower() for n in found])
    if rows == 0:
        raise SourceError(
            f"{content.path.name} has no rows: expected some with {expected}, found columns alone"
        )
    return Extract(
        source=source,
        name=str(content.path),
        checksum=content.checksum(use_case.source.limits, of_lines=False),
        generated=False,
        layout=Layout("json"),
        read=lambda spark: _records(spark, content.path),
    )


def _schema(path: Path) -> tuple[list[str], int]:
    """The columns of a file, and its number of rows."""
    import pyarrow
    from pyarrow import parquet

    try:
        told = parquet.ParquetFile(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise SourceError(
            f"{path.name} is not a Parquet file ({error}); see source.format in conf/"
        ) from None
    return list(told.schema_arrow.names), int(told.metadata.num_rows)


def _records(spark: SparkSession, path: Path) -> DataFrame:
    rows = spark.read.parquet(one_file(path))
    return rows.select(
        F.monotonically_increasing_id().alias("line_id"),
        as_json(rows).cast("binary").alias("raw_line"),
    )
