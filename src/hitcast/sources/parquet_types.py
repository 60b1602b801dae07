"""What of Parquet Spark can't read, known before it tries; and times in nanoseconds, which it can.

pandas writes its times in nanoseconds, for which Spark has no type. It reads them as whole numbers
where that is set, and of these they are made here: to the microsecond, as all others.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from hitcast.errors import SourceError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

NANOS_AS_LONG = "spark.sql.legacy.parquet.nanosAsLong"
MOST_DIGITS = 38
CODECS = ("UNCOMPRESSED", "SNAPPY", "GZIP", "LZ4", "LZ4_RAW", "ZSTD")
OTHERS = {
    "TIME": "a time of day; write it as text",
    "FLOAT16": "a half-precision number; write it as float32",
    "UUID": "a UUID; write it as text",
    "INTERVAL": "an interval; write it as a number or as text",
}


def nanoseconds(told: "ParquetFile") -> dict[str, bool]:
    """The columns of times in nanoseconds, each with whether they are moments in UTC."""
    leaves = _leaves(told)
    return {leaf.name: utc for leaf in leaves if (utc := _utc_of(leaf)) is not None}


def refuse_unreadable(name: str, told: "ParquetFile") -> None:
    """Refuse a file that Spark could not read.

    Raises:
        SourceError: with the columns, and how to write them.
    """
    wrong = {leaf.path: why for leaf in _leaves(told) if (why := _unreadable(leaf))}
    # What writes one group of rows in some way does so with all.
    for place in range(len(told.schema) if told.metadata.num_row_groups else 0):
        chunk = told.metadata.row_group(0).column(place)
        if chunk.compression not in CODECS:
            kind = chunk.compression.lower()
            wrong[chunk.path_in_schema] = f"compressed by {kind}; write it with zstd or snappy"
        elif "BYTE_STREAM_SPLIT" in chunk.encodings:
            wrong[chunk.path_in_schema] = "encoded as byte_stream_split; write it without that"
    if wrong:
        told_of = ", ".join(f"{column!r} is {why}" for column, why in [*wrong.items()][:5])
        more = f" ({len(wrong) - 5:,} more columns alike)" if len(wrong) > 5 else ""
        raise SourceError(f"{name}: expected columns that Spark can read, found {told_of}{more}")


def read_nanoseconds(spark: SparkSession, name: str) -> None:
    """Have the session read times in nanoseconds as whole numbers.

    Raises:
        SourceError: if that can't be set here.
    """
    try:
        spark.conf.set(NANOS_AS_LONG, "true")
    except PySparkException:
        raise SourceError(
            f"{name}: expected times in microseconds, found some in nanoseconds, for which "
            f"{NANOS_AS_LONG} can't be set on this compute; write them anew, as by pandas' "
            "to_parquet(..., coerce_timestamps='us', allow_truncated_timestamps=True)"
        ) from None


def moment(nanos: Column, *, utc: bool) -> Column:
    """A time out of nanoseconds since 1970: a moment, or a clock's time that is of no zone."""
    micros = F.call_function("div", nanos - F.pmod(nanos, F.lit(1000)), F.lit(1000))
    if utc:
        return F.timestamp_micros(micros)
    epoch = F.lit("1970-01-01 00:00:00").cast("timestamp_ntz")
    return F.timestamp_add("MICROSECOND", micros, epoch)


def _leaves(told: "ParquetFile") -> list[Any]:
    return [told.schema.column(place) for place in range(len(told.schema))]


def _type_of(leaf: Any) -> Mapping[str, Any]:
    return dict(json.loads(leaf.logical_type.to_json()))


def _utc_of(leaf: Any) -> bool | None:
    """Whether times in nanoseconds are in UTC; None where the column has none at its top."""
    kind = _type_of(leaf)
    is_in_nanos = kind["Type"] == "Timestamp" and kind["timeUnit"] == "nanoseconds"
    return bool(kind["isAdjustedToUTC"]) if is_in_nanos and leaf.path == leaf.name else None


def _unreadable(leaf: Any) -> str:
    """Why Spark can't read a column; empty where it can."""
    kind = _type_of(leaf)
    if kind["Type"] == "Timestamp" and kind["timeUnit"] == "nanoseconds":
        within = "a time in nanoseconds within another value; write it in microseconds"
        return "" if _utc_of(leaf) is not None else within
    if kind["Type"] == "Decimal" and kind["precision"] > MOST_DIGITS:
        return f"a decimal of {kind['precision']} digits; write it with at most {MOST_DIGITS}"
    return OTHERS.get(leaf.logical_type.type, "")
