"""Typed rows as records: each as one JSON object of all its columns."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.tables.names import col

OPTIONS = {
    "ignoreNullFields": "false",
    # Whatever the session's time zone is, and to the microsecond.
    "timeZone": "UTC",
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]",
}


def as_json(rows: DataFrame) -> Column:
    """Each row as JSON; bytes are the text that they hold, or base64 where they hold none."""
    return F.to_json(F.struct(*(_plain(*column) for column in rows.dtypes)), OPTIONS)


def _plain(name: str, kind: str) -> Column:
    value = col(name)
    if kind.startswith("decimal"):
        # As a number it would be read as a double.
        return value.cast("string").alias(name)
    if kind != "binary":
        return value
    text = value.cast("string")
    return F.when(F.is_valid_utf8(text), text).otherwise(F.base64(value)).alias(name)
