"""Data lines of ARFF into fields.

Quotes are of either kind, a backslash within them is for the character behind it, and `?` is
nothing, where it stands without quotes. Spark's reader of CSV has one kind of quotes a file.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.sources.encodings import foreign_bytes
from hitcast.sources.layout import Layout

# Possessive, or Java's stack would end where a text is long.
SINGLE, DOUBLE = (f"{q}[^{q}\\\\]*+(?:\\\\.[^{q}\\\\]*+)*+{q}" for q in "'\"")
FIELD = rf",\s*({SINGLE}|{DOUBLE}|[^,]*+)\s*(?=,|$)"


def split_arff(
    valued: DataFrame, layout: Layout, columns: Sequence[str]
) -> tuple[DataFrame, Sequence[Column], Column]:
    """Split data lines; those with too many or too few values, and sparse ones, say so."""
    fields = F.regexp_extract_all(F.concat(F.lit(","), "_value_"), F.lit(FIELD), 1)
    split = valued.withColumn("_field_", fields)
    size, expected = F.size("_field_"), len(layout.fields)
    places = layout.places
    texts = [
        F.when(size == expected, _unquoted(F.trim(F.get("_field_", places[name]))))
        if name in places
        else F.lit(None).cast("string")
        for name in columns
    ]
    sparse = F.col("_value_").rlike(r"^\s*\{")
    told = F.lit(f"line: expected {expected} fields, got ")
    number = F.when(size != expected, F.concat(told, size.cast("string")))
    sparsely = F.lit("line: expected values in order, got a sparse one")
    reasons = F.array_compact(
        F.array(foreign_bytes(layout.encoding), F.when(sparse, sparsely).otherwise(number))
    )
    return split, texts, F.when(F.size(reasons) > 0, reasons)


def _unquoted(field: Column) -> Column:
    """The text of a field, null where it is `?` or nothing."""
    within = F.substring(field, F.lit(2), F.length(field) - 2)
    quoted = (F.length(field) > 1) & field.rlike(r"""^(?:'.*'|".*")$""")
    plain = F.regexp_replace(within, r"\\(.)", "$1")
    return F.nullif(F.when(quoted, plain).otherwise(F.nullif(field, F.lit("?"))), F.lit(""))
