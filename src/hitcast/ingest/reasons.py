"""Reasons: what is wrong with a bad line, for programs by rule and for people in words."""

from collections.abc import Callable
from functools import reduce
from operator import and_

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.ingest.checks import given, is_misread, is_wrong, rules_of
from hitcast.ingest.rules import broken_rule, key_rule, line_rule
from hitcast.tables.names import col

LONGEST = 60
"""Characters of a wrong value that a reason shows."""
WHOLE = "whole number"
KINDS = {"text": "text", "integer": WHOLE, "category": WHOLE, "number": "number"}


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

    return _each_broken(use_case, of_line, of_value, _without_key(use_case, rules))


def broken_rules(use_case: UseCase) -> Expression:
    """The names alone of the rules that a line breaks."""
    return _each_broken(use_case, line_rule, _rule, F.lit(key_rule(use_case.key)))


def _each_broken(
    use_case: UseCase,
    of_line: Callable[[Expression], Expression],
    of_value: Callable[[Column], Expression],
    of_key: Expression,
) -> Expression:
    """What is told of each rule that a line breaks: of its defects, of its values, of its key."""
    defects = F.coalesce("line_defects", F.array().cast("array<string>"))
    told = F.transform(defects, of_line)
    wrong = [F.when(is_wrong(column), of_value(column)) for column in use_case.source_columns]
    if use_case.made_key is not None:
        wrong.append(F.when(_is_without_key(use_case), of_key))
    of_values = F.array_compact(F.array(*wrong))
    return F.when(_is_unsplit(), told).otherwise(F.concat(told, of_values))


def _rule(column: Column) -> Expression:
    """The name of the rule that the column's value breaks."""
    broken = broken_rule(column, given(column), col(column.name))
    if column.type == "text":
        return broken
    return F.when(is_misread(column), f"{column.name}.type").otherwise(broken)


def _is_without_key(use_case: UseCase) -> Expression:
    """Whether a line has nothing of which a key could be made.

    Of a value that is none of its type, that is told already.
    """
    nothing = (given(column).isNull() for column in use_case.key_parts)
    return reduce(and_, nothing, col(use_case.key).isNull())


def _without_key(use_case: UseCase, rules: Expression) -> Expression:
    """What is told of a line that has nothing of which a key could be made."""
    names = [column.name for column in use_case.key_parts]
    message = f"{use_case.key}: expected a value in one of {names}, of which it is made, got none"
    return F.struct(
        F.lit(key_rule(use_case.key)).alias("name"),
        F.lit(message).alias("message"),
        F.array(*map(F.lit, names)).cast("array<string>").alias("columns"),
        rules,
    )


def _is_unsplit() -> Expression:
    """Whether nobody knows which value belongs to which column."""
    return F.array_size(F.filter("line_defects", lambda d: ~d.contains("got bytes"))) > 0


def _reason(column: Column) -> Expression:
    got = F.concat(F.lit("'"), F.substring(given(column), 1, LONGEST), F.lit("'"))
    if column.vocabulary is not None:
        # Texts of others, which belong nowhere but where they came from.
        got = F.concat(F.length(given(column)).cast("string"), F.lit(" characters"))
    expected = F.lit(f"{column.name}: expected {expectation(column)}")
    if column.type != "text":
        comma = F.when(is_misread(column), " with a decimal comma").otherwise("")
        expected = F.concat(expected, comma)
    return F.concat(expected, F.lit(", got "), F.coalesce(got, F.lit("nothing")))


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
    if column.max_length is not None:
        words.append(f"of at most {column.max_length} characters")
    if column.unit and column.type != "text":
        words.append(column.unit)
    return " ".join(words)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
