"""How columns of any name are spelt in Spark SQL."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def quoted(name: str) -> str:
    """A column's name as Spark SQL reads it, whatever characters it has."""
    return "`" + name.replace("`", "``") + "`"


def col(name: str) -> Column:
    """The column of that very name: dots in it are no paths."""
    return F.col(quoted(name))
