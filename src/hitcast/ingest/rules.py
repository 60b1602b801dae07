"""The rules that lines are held against, by name: `popularity.maximum`, `line.fields`."""

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase

NO_NUMBER = "[a-df-zA-DF-Z]"
"""Java reads 1d, 1f and 0x1p3 as numbers, and NaN and Infinity; no extract means them so."""
FIELDS, ENCODING, FORM = LINE_RULES = ("line.fields", "line.encoding", "line.form")
"""What a line itself may break: how many fields it has, UTF-8, and any other rule of its form."""


def rule_names(use_case: UseCase) -> list[str]:
    """The names of all rules of a use case, those of lines first, by column, of a made key."""
    of_columns = [name for column in use_case.source_columns for name in _names(column)]
    of_key = [key_rule(use_case.key)] if use_case.made_key is not None else []
    return [*LINE_RULES, *of_columns, *of_key]


def key_rule(key: str) -> str:
    """The name of the rule that a line has something of which its key can be made."""
    return f"{key}.required"


def line_rule(defect: Expression) -> Expression:
    """The name of the rule that a line breaks by a defect, which is a text."""
    known = F.when(defect.contains("got bytes"), ENCODING).when(defect.contains(" fields"), FIELDS)
    return known.otherwise(FORM)


def broken_rule(column: Column, given: Expression, value: Expression) -> Expression:
    """The name of the rule that a wrong value breaks; the first one where it breaks several.

    Args:
        column: What is declared of it.
        given: The value as it came; null where that was nothing.
        value: The value in the column's type, null where it is none of that type.
    """
    if column.type == "text":
        broken = F.when(value.isNull(), f"{column.name}.required")
        if column.max_length is not None:
            broken = broken.when(F.length(value) > column.max_length, f"{column.name}.max_length")
        return broken.otherwise(f"{column.name}.pattern")
    number = given.try_cast("double")
    malformed = number.isNull() | given.rlike(NO_NUMBER)
    if column.is_whole:
        malformed |= number != F.floor(number)
    broken = F.when(given.isNull(), f"{column.name}.required")
    broken = broken.when(malformed, f"{column.name}.type")
    if column.minimum is not None:
        broken = broken.when(number < column.minimum, f"{column.name}.minimum")
    if column.maximum is not None:
        broken = broken.when(number > column.maximum, f"{column.name}.maximum")
    # A number that no column of the type can hold.
    return broken.otherwise(f"{column.name}.type")


def _names(column: Column) -> list[str]:
    kinds = {
        "required": column.required,
        "type": column.type != "text",
        "minimum": column.minimum is not None,
        "maximum": column.maximum is not None,
        "pattern": column.pattern is not None,
        "max_length": column.max_length is not None,
    }
    return [f"{column.name}.{kind}" for kind, declared in kinds.items() if declared]
