"""Rows and lines of JSON into the values of their keys; objects and arrays stay JSON."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from hitcast.sources.encodings import foreign_bytes
from hitcast.sources.layout import Layout

BROKEN = "_broken_"
NO_OBJECT = "line: expected a JSON object, got something else"

Split = tuple[DataFrame, Sequence[Column], Column]


def split_json(valued: DataFrame, _: Layout, columns: Sequence[str]) -> Split:
    """Split rows that were made JSON here."""
    names = (*columns, BROKEN)
    schema = StructType([StructField(name, StringType()) for name in names])
    found = F.from_json("_value_", schema, {"columnNameOfCorruptRecord": BROKEN})
    split = valued.withColumn("_field_", found.cast(_numbered(names)))
    field = F.col("_field_")
    broken = field.isNull() | field[f"c{len(columns)}"].isNotNull()
    texts = [field[f"c{n}"] for n in range(len(columns))]
    return split, texts, F.when(broken, F.array(F.lit(NO_OBJECT)))


def split_jsonl(valued: DataFrame, _: Layout, columns: Sequence[str]) -> Split:
    """Split lines that somebody wrote: one object each, no key twice, nothing behind it."""
    schema = StructType([StructField(name, StringType()) for name in columns])
    value = _unmarked(F.col("_value_"))
    # Alone, Spark's reader takes an object with anything behind it; in an array it does not.
    found = F.from_json(
        F.concat(F.lit("["), value, F.lit("]")), ArrayType(schema), {"allowSingleQuotes": "false"}
    )
    split = valued.withColumn("_field_", found.cast(ArrayType(_numbered(columns))))
    one = F.coalesce(F.size("_field_") == 1, F.lit(False)) & F.get("_field_", 0).isNotNull()
    is_object = one & value.rlike(r"^\s*\{")
    keys = F.json_object_keys(value)
    twice = F.coalesce(F.size(keys) > F.size(F.array_distinct(keys)), F.lit(False))
    foreign = foreign_bytes("utf-8")
    reasons = F.array_compact(
        F.array(
            foreign,
            F.when(~is_object, F.lit(NO_OBJECT)),
            F.when(is_object & twice, F.lit("line: expected each key once, got one twice")),
        )
    )
    field = F.get("_field_", 0)
    texts = [F.when(is_object, field[f"c{n}"]) for n in range(len(columns))]
    return split, texts, F.when(F.size(reasons) > 0, reasons)


def keys_of(text: Column) -> Column:
    """The keys of an object in JSON, in order; null where the text is none."""
    return F.json_object_keys(_unmarked(text))


def _unmarked(text: Column) -> Column:
    """A text without a byte order mark."""
    return F.regexp_replace(text, "^\ufeff", "")


def _numbered(names: Sequence[str]) -> StructType:
    """Texts by their places: to Spark, names that differ in case alone are one."""
    return StructType([StructField(f"c{n}", StringType()) for n in range(len(names))])
