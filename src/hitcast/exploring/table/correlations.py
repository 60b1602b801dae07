"""Correlations of quantities, with each other, with the label and within each class.

Texts and categories have none: nothing lies between two of their values.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.classes import drawn
from hitcast.exploring.subject import Subject
from hitcast.features.label import LABEL
from hitcast.tables.names import col

PAIRS_A_PASS = 15
"""Pairs in one aggregation: Java leaves code uncompiled that grows too long."""


def with_label_columns(subject: Subject, classes: pd.DataFrame) -> tuple[DataFrame, list[Column]]:
    """The rows with the columns that stand for the label where correlations are asked for.

    Args:
        subject: The rows and their classes.
        classes: What `count_classes` counted: of many classes the larger ones get a column.

    Returns:
        The rows, and the label's own column where it is a quantity; else a column that is 1 in the
        rows of a class and 0 in the others, for the positive one of two, and for each of more.
    """
    if subject.scale is not None:
        return subject.rows, [subject.scale.column]
    rows = dict(zip((kind.key for kind in subject.kinds), classes["rows"], strict=True))
    named = [one for one in drawn(subject.kinds, rows) if len(one.kinds) == 1]
    found, columns = subject.rows, []
    for one in named[:1] if subject.has_two_classes else named:
        name = f"is {subject.positive if subject.has_two_classes else one.name}"
        is_one = F.col(LABEL) == one.kinds[0].number
        found = found.withColumn(name, is_one.cast("double"))
        columns.append(Column(name=name, role="label", type="number", meaning=f"Whether it {name}"))
    return found, columns


def correlate_by_class(subject: Subject, columns: Sequence[Column]) -> dict[str, pd.DataFrame]:
    """`correlate` among the rows of each class, by the class's name; in the order of the kinds."""
    return {
        kind.name: correlate(subject.rows.where(F.col(LABEL) == kind.number), columns)
        for kind in subject.kinds
    }


def correlate(rows: DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Pearson's correlation of each pair of quantities.

    Args:
        rows: Rows with `columns`.
        columns: Quantities.

    Returns:
        A square table by the columns' names, 1 on the diagonal; NaN where a column does not vary.
        Rows in which one of a pair is null do not count for that pair.
    """
    names = [column.name for column in columns]
    matrix = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    complete = _standardized(rows, names) if names else {}
    pairs = list(combinations(names, 2))
    for start in range(0, len(pairs), PAIRS_A_PASS):
        part = pairs[start : start + PAIRS_A_PASS]
        asked = (_pearson(a, b, complete).alias(str(n)) for n, (a, b) in enumerate(part))
        for (a, b), value in zip(part, rows.agg(*asked).collect()[0], strict=True):
            matrix.loc[a, b] = matrix.loc[b, a] = np.nan if value is None else value
    return matrix


def _standardized(rows: DataFrame, names: Sequence[str]) -> dict[str, Expression]:
    """The columns that have a value in each row and vary, as distances from their mean in sd."""
    told = {"mean": F.avg, "sd": F.stddev_pop, "given": F.count}
    asked = [f(col(name)).alias(f"{name} {kind}") for name in names for kind, f in told.items()]
    found = rows.agg(F.count("*").alias("rows"), *asked).collect()[0]
    return {
        name: (col(name) - found[f"{name} mean"]) / found[f"{name} sd"]
        for name in names
        if found[f"{name} given"] == found["rows"] and found[f"{name} sd"]
    }


def _pearson(a: str, b: str, complete: Mapping[str, Expression]) -> Expression:
    """The correlation where both have a value; null where one of them does not vary.

    Spark's own `corr` divides by zero there, which ends a query. Of columns without nulls it is
    the mean of one product, which takes a tenth of the time at a million rows.
    """
    if a in complete and b in complete:
        return F.avg(complete[a] * complete[b])
    spread_a = F.stddev_pop(F.when(col(b).isNotNull(), col(a)))
    spread_b = F.stddev_pop(F.when(col(a).isNotNull(), col(b)))
    return F.try_divide(F.covar_pop(col(a), col(b)), spread_a * spread_b)
