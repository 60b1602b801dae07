"""Lines of CSV into fields, by Spark's own reader of CSV."""

import re
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.sources.encodings import foreign_bytes
from hitcast.sources.layout import Layout

BROKEN = "_broken_"
# Possessive, or Java's stack would end where a text is long.
OPEN = '"[^"]*+(?:""[^"]*+)*+'
QUOTED = f'{OPEN}"'
Split = tuple[DataFrame, Sequence[Column], Column]


def split_csv(valued: DataFrame, layout: Layout, columns: Sequence[str]) -> Split:
    """Split lines of CSV: quotes within quotes are doubled (RFC 4180)."""
    options = {"escape": '"', "sep": layout.delimiter}
    fields = F.from_csv("_value_", _schema(layout), options | {"columnNameOfCorruptRecord": BROKEN})
    split = valued.withColumn("_field_", fields)
    return split, _texts(layout, columns), _defects(layout)


def _schema(layout: Layout) -> str:
    return ", ".join([*(f"c{i} string" for i in range(len(layout.fields))), f"{BROKEN} string"])


def _texts(layout: Layout, columns: Sequence[str]) -> list[Column]:
    """The wanted texts of a line; of one that can't be split none is known."""
    places = layout.places
    whole = F.col("_field_")[BROKEN].isNull()
    return [
        F.when(whole, F.col("_field_")[f"c{places[name]}"])
        if name in places
        else F.lit(None).cast("string")
        for name in columns
    ]


def _defects(layout: Layout) -> Column:
    """What keeps a line from being split into its fields; null where nothing does."""
    value = F.col("_value_")
    broken = F.col("_field_")[BROKEN].isNotNull()
    foreign = foreign_bytes(layout.encoding)
    sign = re.sub(r"([^\w,;])", r"\\\1", layout.delimiter)
    # An open quote takes in the rest of the line, which shows only where the last field opens it.
    odd = value.contains('"') & (F.regexp_count(value, F.lit('"')) % 2 == 1)
    unclosed = odd & value.rlike(f"(?:^|{sign}){OPEN}$")
    got = F.regexp_count(F.regexp_replace(value, QUOTED, ""), F.lit(sign)) + 1
    number = F.concat(
        F.lit(f"line: expected {len(layout.fields)} fields, got "), got.cast("string")
    )
    reasons = F.array_compact(
        F.array(
            foreign,
            F.when(unclosed, F.lit("line: expected quotes in pairs, got one that stays open")),
            F.when(broken & ~unclosed, number),
        )
    )
    return F.when(foreign.isNotNull() | broken | unclosed, reasons)
