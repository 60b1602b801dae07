"""Rows that are used more than once, kept where Spark keeps any."""

from contextlib import suppress

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame


def kept(rows: DataFrame) -> DataFrame:
    """The rows, persisted; as they are on serverless compute, which keeps nothing."""
    try:
        return rows.persist()
    except PySparkException as error:
        if "NOT_SUPPORTED_WITH_SERVERLESS" not in str(error):
            raise
        return rows


def let_go(rows: DataFrame) -> None:
    """Free what `kept` has kept, if it has."""
    with suppress(PySparkException):
        rows.unpersist()
