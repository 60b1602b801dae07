"""The one parse: raw records into typed columns, whether a line is good, and why it is not.

Quarantine, counts, silver and gold all come from its result, which is kept for the run.
"""

from collections.abc import Iterable, Mapping
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.bronze import lines_of
from hitcast.ingest.checks import is_good, trimmed, typed
from hitcast.ingest.made_keys import made_key
from hitcast.sources.layout import Layout
from hitcast.sources.split import split_records
from hitcast.tables.delta import Table
from hitcast.tables.names import col


def parsed_lines(
    bronze: Table, layouts: Mapping[str, Layout], checksums: Iterable[str], use_case: UseCase
) -> DataFrame:
    """Parse the lines of bronze with these contents, each content by its own layout.

    Returns:
        What `parse` returns, of all of them.
    """
    groups: dict[Layout, list[str]] = {}
    for checksum in checksums:
        groups.setdefault(layouts[checksum], []).append(checksum)
    parts = [parse(lines_of(bronze, of), layout, use_case) for layout, of in groups.items()]
    return reduce(DataFrame.unionAll, parts)


def parse(lines: DataFrame, layout: Layout, use_case: UseCase) -> DataFrame:
    """Read what a use case declares out of raw records.

    Args:
        lines: Rows with `source_checksum`, `line_id`, `raw_line`.
        layout: How they are split.
        use_case: Columns and rules.

    Returns:
        The lines with the declared columns in their types (null where the text is none of the
        type), `is_good` (never null), and of bad lines alone `texts` (a struct of the columns as
        they came), `line_defects`, `misread` and `raw_line`.
    """
    ids = ("source_checksum", "line_id")
    numbers = [column.name for column in use_case.source_columns if column.type != "text"]
    records = lines.select(*ids, "raw_line")
    split = split_records(records, layout, use_case.source_names, numbers, use_case.aliases)
    rest = ("texts", "line_defects", "misread", "raw_line")
    split = split.withColumns(trimmed(use_case.source_columns))
    values = split.select(*ids, *map(typed, use_case.source_columns), *rest)
    if use_case.made_key is not None:
        values = values.withColumn(use_case.key, made_key(use_case))
    names = [*ids, *use_case.column_names]
    judged = values.select("*", is_good(use_case).alias("is_good"))
    of_bad = [F.when(~F.col("is_good"), F.col(name)).alias(name) for name in rest]
    return judged.select(*map(col, names), "is_good", *of_bad)
