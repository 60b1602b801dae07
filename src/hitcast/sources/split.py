"""Raw records into the texts of their columns, by their layout."""

from collections.abc import Callable, Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.sources.encodings import characters
from hitcast.sources.layout import Layout
from hitcast.sources.lines import only_records
from hitcast.sources.numerals import plain, unreadable
from hitcast.sources.split_arff import split_arff
from hitcast.sources.split_csv import split_csv
from hitcast.sources.split_json import keys_of, split_json, split_jsonl

Splitter = Callable[[DataFrame, Layout, Sequence[str]], tuple[DataFrame, Sequence[Column], Column]]
SPLITTERS: Mapping[str, Splitter] = {
    "csv": split_csv,
    "arff": split_arff,
    "json": split_json,
    "jsonl": split_jsonl,
}
NAMES = "array<string>"
NONE: Mapping[str, Sequence[str]] = {}


def split_records(
    records: DataFrame,
    layout: Layout,
    columns: Sequence[str],
    numbers: Sequence[str] = (),
    aliases: Mapping[str, Sequence[str]] = NONE,
) -> DataFrame:
    """Split raw records into texts; lines that are no records, such as blank ones, fall away.

    Args:
        records: Rows with `raw_line` (binary).
        layout: What they have in common.
        columns: The names of the texts that are wanted; those a record lacks are null.
        numbers: Those of them that are numbers. Where the layout has a decimal comma, they are
            written anew with a point; other texts are as they came.
        aliases: Other names of some of them: the first one that is there counts.

    Returns:
        The records with `texts` (a struct of one text a column), `line_defects` (array of text:
        why the record can't be split or read) and `misread` (array of the columns whose number is
        not written with a decimal comma); both null where nothing is wrong.
    """
    records = only_records(records, layout.format)
    valued = records.withColumn("_value_", characters(F.col("raw_line"), layout.encoding))
    wanted = [*columns, *(other for name in columns for other in aliases.get(name, ()))]
    split, found, defects = SPLITTERS[layout.format](valued, layout, wanted)
    by_name = dict(zip(wanted, found, strict=True))
    texts = [_of_first(by_name, [name, *aliases.get(name, ())], layout) for name in columns]
    misread = F.lit(None).cast(NAMES)
    if layout.decimal == "," and numbers:
        at_hand = list(zip(columns, texts, strict=True))
        wrong = [F.when(unreadable(text), F.lit(name)) for name, text in at_hand if name in numbers]
        misread = F.nullif(F.array_compact(F.array(*wrong)), F.array().cast(NAMES))
        texts = [plain(text) if name in numbers else text for name, text in at_hand]
    fields = [text.alias(name) for text, name in zip(texts, columns, strict=True)]
    added = {"texts": F.struct(*fields), "line_defects": defects, "misread": misread}
    return split.withColumns(added).drop("_value_", "_field_")


def _of_first(texts: Mapping[str, Column], names: Sequence[str], layout: Layout) -> Column:
    """The text by the first of a column's names that is there; null where none is."""
    if layout.fields:
        return texts[next((name for name in names if name in layout.fields), names[0])]
    if len(names) == 1:
        return texts[names[0]]
    keys = keys_of(F.col("_value_"))
    first, *others = names
    found = F.when(F.array_contains(keys, first), texts[first])
    for name in others:
        found = found.when(F.array_contains(keys, name), texts[name])
    return found
