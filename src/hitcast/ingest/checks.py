"""Checks: a line's texts against the declaration, typed values and every reason.

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
from collections.abc import Callable, Sequence
from functools import reduce
from hashlib import sha256
from operator import and_
from typing import Any

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.ingest.composed import composed
from hitcast.ingest.rules import NO_NUMBER, broken_rule, line_rule
from hitcast.tables.names import col

LONGEST = 60
"""Characters of a wrong value that a reason shows."""
LARGEST = {"integer": 2**31 - 1, "number": 1.7976931348623157e308}
WHITE_SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
ENGINE = 3
"""Counts up whenever the same rules in `conf/` make something else of a line."""
KINDS = {"text": "text", "integer": "whole number", "number": "number"}


def trimmed(columns: Sequence[Column]) -> dict[str, Expression]:
    """Texts without white space at their ends, which `typed` expects beside `texts`.

    They have columns of their own: looked at several times within one expression, they were
    trimmed each time, which was half of what parsing cost.
    """
    texts = (column for column in columns if column.type == "text")
    return {_trimmed(c): F.btrim(_text(c), F.lit(WHITE_SPACE)) for c in texts}


def typed(column: Column) -> Expression:
    """The column's value in its declared type; null where the text is none of that type."""
    text = _text(column)
    if column.type == "text":
        bare = col(_trimmed(column))
        value = F.when(bare != "", composed(bare))
    elif column.type == "integer":
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
    legal = [F.col("line_defects").isNull()]
    legal += [_is_legal(column) for column in use_case.source_columns]
    numbers = [_text(column) for column in use_case.source_columns if column.type != "text"]
    if numbers:
        legal.append(~F.concat_ws(",", *numbers).rlike(NO_NUMBER))
    return reduce(and_, legal)


def rules_of(use_case: UseCase) -> str:
    """A fingerprint of the rules that lines are parsed by: of the key and all declared columns.

    How files are read counts too: a content may be split in another way since.
    """
    rules = [
        column.model_dump(exclude={"meaning", "unit", "role", "example", "private"})
        for column in use_case.columns
    ]
    key: Any = use_case.key
    if use_case.made_key is not None:
        key = use_case.made_key.model_dump()
    reading = use_case.reading
    told = [ENGINE, key, rules, *([reading] if reading else [])]
    return sha256(json.dumps(told).encode()).hexdigest()[:16]


def failures(use_case: UseCase) -> Expression:
    """Every rule that a line breaks: an array, empty for a good line.

    Each has the rule's `name`, a `message` for people, the `columns` that it is about and the
    `rule_set_fingerprint` of all rules. The time of the run is left out: a rerun changes nothing.
    """
    rules = F.lit(rules_of(use_case)).alias("rule_set_fingerprint")

    def of_line(defect: Expression) -> Expression:
        nothing = F.array().cast("array<string>").alias("columns")
        return F.struct(line_rule(defect).alias("name"), defect.alias("message"), nothing, rules)

    def of_value(column: Column) -> Expression:
        message, columns = _reason(column), F.array(F.lit(column.name))
        named = (_rule(column).alias("name"), message.alias("message"), columns.alias("columns"))
        return F.struct(*named, rules)

    return _each_broken(use_case, of_line, of_value)


def broken_rules(use_case: UseCase) -> Expression:
    """The names alone of the rules that a line breaks."""
    return _each_broken(use_case, line_rule, _rule)


def _each_broken(
    use_case: UseCase,
    of_line: Callable[[Expression], Expression],
    of_value: Callable[[Column], Expression],
) -> Expression:
    """What is told of each rule that a line breaks: of its defects, then of its values."""
    defects = F.coalesce("line_defects", F.array().cast("array<string>"))
    told = F.transform(defects, of_line)
    wrong = (F.when(_is_wrong(column), of_value(column)) for column in use_case.source_columns)
    of_values = F.array_compact(F.array(*wrong))
    return F.when(_is_unsplit(), told).otherwise(F.concat(told, of_values))


def _rule(column: Column) -> Expression:
    """The name of the rule that the column's value breaks."""
    return broken_rule(column, _given(column), col(column.name))


def _is_unsplit() -> Expression:
    """Whether nobody knows which value belongs to which column."""
    return F.array_size(F.filter("line_defects", lambda d: ~d.contains("got bytes"))) > 0


def _trimmed(column: Column) -> str:
    return f"_{column.name}_trimmed_"


def _text(column: Column) -> Expression:
    """The column's text as it came."""
    return F.col("texts")[column.name]


def _given(column: Column) -> Expression:
    """The column's text, null where there is nothing in it."""
    return F.when(F.btrim(_text(column), F.lit(WHITE_SPACE)) != "", _text(column))


def _is_wrong(column: Column) -> Expression:
    wrong = ~_is_legal(column)
    if column.type != "text":
        wrong |= F.coalesce(_text(column), F.lit("")).rlike(NO_NUMBER)
    return wrong


def _is_legal(column: Column) -> Expression:
    """Whether the typed value is legal, but for `NO_NUMBER`; never null."""
    value = col(column.name)
    if column.type == "text":
        if column.pattern is None:
            return value.isNotNull() if column.required else F.lit(True)
        legal = value.rlike(rf"^(?:{column.pattern})\z")
        return F.coalesce(legal, F.lit(not column.required))
    lowest, highest = -LARGEST[column.type], LARGEST[column.type]
    minimum = lowest if column.minimum is None else column.minimum
    maximum = highest if column.maximum is None else column.maximum
    legal = F.coalesce(value.between(minimum, maximum), F.lit(False))
    return legal if column.required else _given(column).isNull() | legal


def _reason(column: Column) -> Expression:
    got = F.concat(F.lit("'"), F.substring(_given(column), 1, LONGEST), F.lit("'"))
    expected = f"{column.name}: expected {expectation(column)}, got "
    return F.concat(F.lit(expected), F.coalesce(got, F.lit("nothing")))


def expectation(column: Column) -> str:
    """What is legal in a column: `whole number between 0 and 100 points`."""
    words = [KINDS[column.type]]
    if column.pattern:
        words.append(f"matching {column.pattern}")
    if column.minimum is not None and column.maximum is not None:
        words.append(f"between {_plain(column.minimum)} and {_plain(column.maximum)}")
    elif column.minimum is not None:
        words.append(f"of at least {_plain(column.minimum)}")
    elif column.maximum is not None:
        words.append(f"of at most {_plain(column.maximum)}")
    if column.unit and column.type != "text":
        words.append(column.unit)
    return " ".join(words)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
