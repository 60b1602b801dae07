"""Small files of each format, and the lines that ingest makes of them."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.source import Source
from hitcast.declaration.use_case import UseCase
from hitcast.sources.extract import Extract
from hitcast.sources.split import split_records

Texts = Sequence[Mapping[str, Any]]


def declared(use_case: UseCase, **source: Any) -> UseCase:
    """The use case with another source section."""
    given = {"ignored_columns": use_case.source.ignored_columns}
    return use_case.model_copy(update={"source": Source.model_validate({**given, **source})})


def write(path: Path, content: bytes, *, packed: bool = False) -> Path:
    """Write a file, packed or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


def texts_of(spark: SparkSession, extracts: Sequence[Extract], use_case: UseCase) -> list[Texts]:
    """What each extract's records are split into, in their order, by one Spark job."""
    frames = [_split(spark, e, use_case).withColumn("of", F.lit(n)) for n, e in enumerate(extracts)]
    found = frames[0]
    for frame in frames[1:]:
        found = found.unionByName(frame)
    rows = sorted(found.collect(), key=lambda row: (row["of"], row["line_id"]))
    return [[row.asDict() for row in rows if row["of"] == n] for n in range(len(extracts))]


def _split(spark: SparkSession, extract: Extract, use_case: UseCase) -> DataFrame:
    numbers = [column.name for column in use_case.columns if column.type != "text"]
    records = extract.read(spark)
    split = split_records(records, extract.layout, use_case.column_names, numbers)
    return split.select("line_id", "raw_line", "texts.*", "line_defects", "misread")
