"""What every source hands over: one extract, described and ready to be read."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from hitcast.sources.layout import Layout


@dataclass(frozen=True)
class Extract:
    """One extract of a use case.

    Attributes:
        source: Kind of source: csv, kaggle, table or twin.
        name: The file or table as the user knows it.
        checksum: Fingerprint of the content; equal content has equal checksums.
        generated: Whether the rows were generated.
        layout: How its records are split.
        read: Gives one row per record: `line_id` (long, ascending in the file's order) and
            `raw_line` (binary: the record as it came).
    """

    source: str
    name: str
    checksum: str
    generated: bool
    layout: Layout
    read: Callable[[SparkSession], DataFrame]
