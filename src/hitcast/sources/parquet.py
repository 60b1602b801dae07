"""Parquet files as extracts: each row as one JSON object, in the file's order."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import NoRowsError, SourceError
from hitcast.sources.columns import check_columns, once_each
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout
from hitcast.sources.parquet_types import (
    moment,
    nanoseconds,
    read_nanoseconds,
    refuse_unreadable,
)
from hitcast.sources.paths import content_of
from hitcast.sources.rows import as_json
from hitcast.tables.names import col, one_file

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile


def parquet_extract(path: Path, use_case: UseCase, *, source: str = "parquet") -> Extract:
    """Open a Parquet file as an extract.

    Args:
        path: The file; on a platform, one that Spark and Python both see.
        use_case: Says which columns are expected; others are kept in bronze alone.
        source: Kind of source, for the counts.

    Raises:
        SourceError: if the file is no Parquet, lacks columns or rows, or has types that Spark
            can't read.
    """
    content = content_of(path, "parquet")
    expected = list(use_case.source_names)
    told = _opened(content.path)
    found = list(told.schema_arrow.names)
    check_columns(content.path.name, found, use_case)
    # To Spark, names that differ in case alone are one.
    once_each(content.path.name, [n.lower() for n in found], [n.lower() for n in found])
    refuse_unreadable(content.path.name, told)
    if told.metadata.num_rows == 0:
        raise NoRowsError(
            f"{content.path.name} has no rows: expected some with {expected}, found columns alone"
        )
    nanos = nanoseconds(told)
    return Extract(
        source=source,
        name=str(content.path),
        checksum=content.checksum(use_case.source.limits, of_lines=False),
        generated=False,
        layout=Layout("json"),
        read=lambda spark: _records(spark, content.path, nanos),
    )


def _opened(path: Path) -> "ParquetFile":
    """What a file's footer tells of it."""
    import pyarrow
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise SourceError(
            f"{path.name} is not a Parquet file ({error}); see source.format in conf/"
        ) from None


def _records(spark: SparkSession, path: Path, nanos: Mapping[str, bool]) -> DataFrame:
    if nanos:
        read_nanoseconds(spark, path.name)
    rows = spark.read.parquet(one_file(path))
    if nanos:
        rows = rows.select(
            *(
                moment(col(name), utc=nanos[name]).alias(name) if name in nanos else col(name)
                for name in rows.columns
            )
        )
    return rows.select(
        F.monotonically_increasing_id().alias("line_id"),
        as_json(rows).cast("binary").alias("raw_line"),
    )
