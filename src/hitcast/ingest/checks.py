"""Checks: a line's texts against the declaration; typed values, and whether all is well.

    tempo (text)   typed        reason
    "120.5"        120.5
    ""             null         tempo: expected number between 0 and 300 BPM, got nothing
    "abc"          null         tempo: expected number between 0 and 300 BPM, got 'abc'
    "301"          301.0        tempo: expected number between 0 and 300 BPM, got '301'

Spaces around a number are let pass; a text of white space alone counts as nothing. A whole number
may be written as one without a fraction (`5.0`, as pandas writes a column with gaps). Texts lose
white space at their ends and are brought to Unicode's form NFC, so that what looks alike is alike.
"""

import json
from collections.abc import Sequence
from functools import reduce
from hashlib import sha256
from operator import and_
from typing import Any

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.ingest.composed import composed
from hitcast.ingest.rules import NO_NUMBER
from hitcast.tables.names import col

LARGEST = {False: 1.7976931348623157e308, True: 2**31 - 1}
WHITE_SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
NO_RULES = {"meaning", "unit", "role", "example", "private", "transform", "vocabulary"}
ENGINE = 4
"""Counts up whenever the same rules in `conf/` make something else of a line."""


def trimmed(columns: Sequence[Column]) -> dict[str, Expression]:
    """Texts without white space at their ends, which `typed` expects beside `texts`.

    They have columns of their own: looked at several times within one expression, they were
    trimmed each time, which was half of what parsing cost.
    """
    texts = (column for column in columns if column.type == "text")
    return {_trimmed(c): F.btrim(text_of(c), F.lit(WHITE_SPACE)) for c in texts}


def typed(column: Column) -> Expression:
    """The column's value in its declared type; null where the text is none of that type."""
    text = text_of(column)
    if column.type == "text":
        bare = col(_trimmed(column))
        value = F.when(bare != "", composed(bare))
    elif column.is_whole:
        number = text.try_cast("double")
        whole = F.when(number == F.floor(number), number.try_cast(column.spark_type))
        value = F.coalesce(text.try_cast(column.spark_type), whole)
    else:
        value = text.try_cast(column.spark_type)
    return value.alias(column.name)


def is_good(use_case: UseCase) -> Expression:
    """Whether a line could be split and all its values are legal; never null.

    It is evaluated for every line, so it says in as few operations as it can what `reasons` says
    at length: Java leaves code uncompiled that grows too long.
    """
    legal = [F.col("line_defects").isNull(), F.col("misread").isNull()]
    if use_case.made_key is not None:
        legal.append(col(use_case.key).isNotNull())
    legal += [_is_legal(column) for column in use_case.source_columns]
    numbers = [text_of(column) for column in use_case.source_columns if column.type != "text"]
    if numbers:
        legal.append(~F.concat_ws(",", *numbers).rlike(NO_NUMBER))
    return reduce(and_, legal)


def rules_of(use_case: UseCase) -> str:
    """A fingerprint of the rules that lines are parsed by: of the key and all declared columns.

    How files are read counts too: a content may be split in another way since.
    """
    rules = [
        # What a whole number stands for is no rule.
        column.model_dump(
            exclude=NO_RULES | {"max_length"} if column.max_length is None else NO_RULES
        )
        | {"type": "integer" if column.is_whole else column.type}
        for column in use_case.columns
    ]
    key: Any = use_case.key
    if use_case.made_key is not None:
        key = use_case.made_key.model_dump()
    reading = use_case.reading
    told = [ENGINE, key, rules, *([reading] if reading else [])]
    return sha256(json.dumps(told).encode()).hexdigest()[:16]


def _trimmed(column: Column) -> str:
    return f"_{column.name}_trimmed_"


def text_of(column: Column) -> Expression:
    """The column's text as it came."""
    return F.col("texts")[column.name]


def given(column: Column) -> Expression:
    """The column's text, null where there is nothing in it."""
    return F.when(F.btrim(text_of(column), F.lit(WHITE_SPACE)) != "", text_of(column))


def is_wrong(column: Column) -> Expression:
    """Whether the column's value is not legal; never null."""
    wrong = ~_is_legal(column)
    if column.type != "text":
        wrong |= F.coalesce(text_of(column), F.lit("")).rlike(NO_NUMBER) | is_misread(column)
    return wrong


def is_misread(column: Column) -> Expression:
    """Whether the column's number is not written with the decimal comma of its file; never null."""
    return F.coalesce(F.array_contains("misread", column.name), F.lit(False))


def _is_legal(column: Column) -> Expression:
    """Whether the typed value is legal, but for `NO_NUMBER`; never null."""
    value = col(column.name)
    if column.type == "text":
        rules = []
        if column.pattern is not None:
            rules.append(value.rlike(rf"^(?:{column.pattern})\z"))
        if column.max_length is not None:
            rules.append(F.length(value) <= column.max_length)
        if not rules:
            return value.isNotNull() if column.required else F.lit(True)
        return F.coalesce(reduce(and_, rules), F.lit(not column.required))
    lowest, highest = -LARGEST[column.is_whole], LARGEST[column.is_whole]
    minimum = lowest if column.minimum is None else column.minimum
    maximum = highest if column.maximum is None else column.maximum
    legal = F.coalesce(value.between(minimum, maximum), F.lit(False))
    return legal if column.required else given(column).isNull() | legal
