"""What every source hands over: one extract, described and ready to be read."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class Extract:
    """One extract of a use case.

    Attributes:
        source: Kind of source: csv, kaggle, table or twin.
        name: The file or table as the user knows it.
        checksum: Fingerprint of the content; equal content has equal checksums.
        generated: Whether the rows were generated.
        read: Gives one row per line: `line_id` (long, ascending in the file's order), `line_hash`
            (long), the declared columns as text, `line_defects` (array of text, null if the line
            could be split into fields) and `raw_line` (binary, only where there are defects).
    """

    source: str
    name: str
    checksum: str
    generated: bool
    read: Callable[[SparkSession], DataFrame]
