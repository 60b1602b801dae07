"""Keys that are made of a row's typed values.

    title                artist       row_key
    Águas de Março       Elis Regina  1c6b…  with casefold, accents and punctuation normalised
    aguas de marco!      ELIS REGINA  1c6b…

A key is two 64-bit hashes of different seeds, so that no two of a billion rows share one by chance.
It is made of the bits of numbers: how Java writes them differs from version to version.
"""

from functools import reduce
from operator import or_

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import null_marks
from hitcast.ingest.composed import normalised
from hitcast.tables.names import col

SEEDS = ("first", "second")


def made_key(use_case: UseCase) -> Expression:
    """The key of a row of typed values; null where each of those that it is made of is.

    Rows of nothing would all have one key, and all but one be lost as repeated.

    Args:
        use_case: Its `made_key` says of which columns, and how texts are normalised.
    """
    made = use_case.made_key
    assert made is not None
    names = [column.name for column in use_case.key_parts]
    values = [_value(column, made.normalise) for column in use_case.key_parts]
    marks = null_marks(names)
    halves = (F.xxhash64(F.lit(seed), *values, marks) for seed in SEEDS)
    key = F.concat(*(F.lpad(F.lower(F.hex(half)), 16, "0") for half in halves))
    return F.when(reduce(or_, (col(name).isNotNull() for name in names)), key)


def _value(column: Column, steps: tuple[str, ...]) -> Expression:
    value = col(column.name)
    return normalised(value, steps) if column.type == "text" and steps else value
