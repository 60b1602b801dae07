"""Layouts: how a raw record is split into the texts of its columns.

Bronze keeps records as they came, so what a file's header said has to outlast the file. A format is
a reader, which gives raw records, and a function here, which splits them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

QUOTED = '"(?:[^"]|"")*"'
UNCLOSED = '(?:^|,)"(?:[^"]|"")*$'
BROKEN = "_broken_"


@dataclass(frozen=True)
class Layout:
    """How the records of one extract are split.

    Attributes:
        format: `csv` (a line as read) or `json` (a row as one object).
        fields: For CSV the names of the fields, in order, as the header has them.
    """

    format: str
    fields: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The layout as one line of JSON, which `layout_of` reads."""
        return json.dumps(asdict(self), ensure_ascii=False)


def layout_of(text: str) -> Layout:
    """The layout that `Layout.as_text` wrote."""
    told = json.loads(text)
    return Layout(told["format"], tuple(told["fields"]))


def split_records(records: DataFrame, layout: Layout, columns: Sequence[str]) -> DataFrame:
    """Split raw records into texts.

    Args:
        records: Rows with `raw_line` (binary).
        layout: What they have in common.
        columns: The names of the texts that are wanted; those a record lacks are null.

    Returns:
        The records with `texts` (a struct of one text a column) and `line_defects` (array of text:
        why the record can't be split or read; null where nothing is wrong).
    """
    valued = records.withColumn("_value_", F.col("raw_line").cast("string"))
    split = SPLITTERS[layout.format](valued, layout, columns)
    return split.drop("_value_", "_field_")


def _split_csv(valued: DataFrame, layout: Layout, columns: Sequence[str]) -> DataFrame:
    schema = ", ".join([*(f"c{i} string" for i in range(len(layout.fields))), f"{BROKEN} string"])
    options = {"escape": '"', "columnNameOfCorruptRecord": BROKEN}
    found = {name: f"c{place}" for place, name in reversed(list(enumerate(layout.fields)))}
    split = valued.withColumn("_field_", F.from_csv("_value_", schema, options))
    whole = F.col("_field_")[BROKEN].isNull()
    texts = [
        F.when(whole, F.col("_field_")[found[name]]) if name in found else _nothing()
        for name in columns
    ]
    return _with_texts(split, texts, columns, _csv_defects(len(layout.fields)))


def _csv_defects(fields: int) -> Column:
    """What keeps a line from being split into `fields` fields; null where nothing does."""
    value = F.col("_value_")
    broken = F.col("_field_")[BROKEN].isNotNull()
    text = ~F.is_valid_utf8(value)
    # An open quote takes in the rest of the line, which shows only where the last field opens it.
    unclosed = (
        value.contains('"') & (F.regexp_count(value, F.lit('"')) % 2 == 1) & value.rlike(UNCLOSED)
    )
    got = F.regexp_count(F.regexp_replace(value, QUOTED, ""), F.lit(",")) + 1
    number = F.concat(F.lit(f"line: expected {fields} fields, got "), got.cast("string"))
    reasons = F.array_compact(
        F.array(
            F.when(text, F.lit("line: expected UTF-8, got bytes that are not")),
            F.when(unclosed, F.lit("line: expected quotes in pairs, got one that stays open")),
            F.when(broken & ~unclosed, number),
        )
    )
    return F.when(text | broken | unclosed, reasons)


def _split_json(valued: DataFrame, _: Layout, columns: Sequence[str]) -> DataFrame:
    schema = StructType([StructField(name, StringType()) for name in (*columns, BROKEN)])
    options = {"columnNameOfCorruptRecord": BROKEN}
    split = valued.withColumn("_field_", F.from_json("_value_", schema, options))
    broken = F.col("_field_").isNull() | F.col("_field_")[BROKEN].isNotNull()
    reason = F.array(F.lit("line: expected a JSON object, got something else"))
    texts = [F.col("_field_")[name] for name in columns]
    return _with_texts(split, texts, columns, F.when(broken, reason))


def _with_texts(
    split: DataFrame, texts: Sequence[Column], columns: Sequence[str], defects: Column
) -> DataFrame:
    named = [text.alias(name) for text, name in zip(texts, columns, strict=True)]
    return split.withColumns({"texts": F.struct(*named), "line_defects": defects})


def _nothing() -> Column:
    return F.lit(None).cast("string")


SPLITTERS: Mapping[str, Callable[[DataFrame, Layout, Sequence[str]], DataFrame]] = {
    "csv": _split_csv,
    "json": _split_json,
}
