"""How columns and files of any name are spelt to Spark."""

import re
from pathlib import Path

from pyspark.sql import Column
from pyspark.sql import functions as F

BRACES = str.maketrans({"{": "{{", "}": "}}"})
"""Braces of a name, as a query has them that has places for frames."""


def quoted(name: str) -> str:
    """A column's name as Spark SQL reads it, whatever characters it has."""
    return "`" + name.replace("`", "``") + "`"


def col(name: str) -> Column:
    """The column of that very name: dots in it are no paths."""
    return F.col(quoted(name))


def one_file(path: Path) -> str:
    """A path as Spark takes it: a name with brackets or stars in it is one file, not a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", str(path))


def text_literal(text: str) -> str:
    """A text as Spark SQL reads it, whatever characters it has."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
