"""Checks: a line's text columns against the declaration, typed values and every reason.

    tempo (text)   typed        reason
    "120.5"        120.5
    ""             null         tempo: expected number between 0 and 300 BPM, got nothing
    "abc"          null         tempo: expected number between 0 and 300 BPM, got 'abc'
    "301"          301.0        tempo: expected number between 0 and 300 BPM, got '301'

Spaces around a number are let pass; a text of spaces alone counts as nothing.
"""

import json
from functools import reduce
from hashlib import sha256
from operator import and_

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.tables.names import col

LONGEST = 60
"""Characters of a wrong value that a reason shows."""
NO_NUMBER = "[a-df-zA-DF-Z]"
"""Java reads 1d, 1f and 0x1p3 as numbers, and NaN and Infinity; no extract means them so."""
LARGEST = {"integer": 2**31 - 1, "number": 1.7976931348623157e308}
KINDS = {"text": "text", "integer": "whole number", "number": "number"}


def typed(column: Column) -> Expression:
    """The column's value in its declared type; null where the text is none of that type."""
    if column.type == "text":
        return _given(column).alias(column.name)
    return col(column.name).try_cast(column.spark_type).alias(column.name)


def is_good(use_case: UseCase) -> Expression:
    """Whether a line could be split and all its values are legal; never null.

    It is evaluated for every line, so it says in as few operations as it can what `reasons` says
    at length: Java leaves code uncompiled that grows too long.
    """
    legal = [F.col("line_defects").isNull()]
    legal += [_is_legal(column) for column in use_case.columns]
    numbers = [col(column.name) for column in use_case.columns if column.type == "number"]
    if numbers:
        legal.append(~F.concat_ws(",", *numbers).rlike(NO_NUMBER))
    return reduce(and_, legal)


def rules_of(use_case: UseCase) -> str:
    """A fingerprint of the rules that `is_good` checks by: of all declared columns."""
    rules = [
        column.model_dump(exclude={"meaning", "unit", "role", "example"})
        for column in use_case.columns
    ]
    return sha256(json.dumps(rules).encode()).hexdigest()[:16]


def reasons(use_case: UseCase) -> Expression:
    """Every reason against a line, as an array of text; empty for a good line."""
    against_values = F.array_compact(
        F.array(
            *(F.when(_is_wrong(column), _reason(column)) for column in use_case.columns),
        )
    )
    # Where the number of fields is wrong, nobody knows which value belongs to which column.
    split = F.array_size(F.filter("line_defects", lambda d: ~d.contains("UTF-8"))) > 0
    defects = F.coalesce("line_defects", F.array().cast("array<string>"))
    return F.when(split, defects).otherwise(F.concat(defects, against_values))


def _given(column: Column) -> Expression:
    """The column's text, null where there is nothing in it."""
    text = col(column.name)
    return F.when(F.trim(text) != "", text)


def _is_wrong(column: Column) -> Expression:
    wrong = ~_is_legal(column)
    if column.type == "number":
        wrong |= F.coalesce(col(column.name), F.lit("")).rlike(NO_NUMBER)
    return wrong


def _is_legal(column: Column) -> Expression:
    """Whether the text is legal, but for `NO_NUMBER`; never null."""
    if column.type == "text":
        legal = _given(column).isNotNull()
        if column.pattern:
            legal = col(column.name).rlike(rf"^(?:{column.pattern})\z")
    else:
        number = col(column.name).try_cast(column.spark_type)
        lowest, highest = -LARGEST[column.type], LARGEST[column.type]
        minimum = lowest if column.minimum is None else column.minimum
        maximum = highest if column.maximum is None else column.maximum
        legal = number.between(minimum, maximum)
    legal = F.coalesce(legal, F.lit(False))
    return legal if column.required else _given(column).isNull() | legal


def _reason(column: Column) -> Expression:
    got = F.concat(F.lit("'"), F.substring(_given(column), 1, LONGEST), F.lit("'"))
    expected = f"{column.name}: expected {_expectation(column)}, got "
    return F.concat(F.lit(expected), F.coalesce(got, F.lit("nothing")))


def _expectation(column: Column) -> str:
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
