"""Correlations of the numeric columns, with each other and with the label's column."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.subject import Subject
from hitcast.exploring.words import signed, title_of
from hitcast.tables.names import col

PAIRS_A_PASS = 15
"""Pairs in one aggregation: Java leaves code uncompiled that grows too long."""


def correlate(rows: DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Pearson's correlation of each pair of numeric columns.

    Args:
        rows: Rows with `columns`.
        columns: Numeric columns.

    Returns:
        A square table by the columns' names, 1 on the diagonal; NaN where a column does not vary.
        Rows in which one of a pair is null do not count for that pair.
    """
    names = [column.name for column in columns]
    matrix = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    complete = _standardized(rows, names)
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


def correlations_in_words(subject: Subject, matrix: pd.DataFrame) -> list[str]:
    """The strongest correlations with the label's column, and among the inputs."""
    label = subject.label.name
    with_label = matrix[label].drop(label).dropna()
    strong = with_label.reindex(with_label.abs().sort_values(ascending=False, kind="stable").index)
    told = [
        f"{title_of(subject.use_case.column(str(n)))} {signed(v)}" for n, v in strong[:3].items()
    ]
    inputs = matrix.drop(index=label, columns=label)
    pairs = [(a, b, inputs.loc[a, b]) for a, b in combinations(inputs.index, 2)]
    pairs = sorted((p for p in pairs if not np.isnan(p[2])), key=lambda p: -abs(p[2]))[:3]
    among = [
        f"{title_of(subject.use_case.column(a))} with {title_of(subject.use_case.column(b))} "
        f"{signed(value)}"
        for a, b, value in pairs
    ]
    return [
        f"Correlated most with {label}: {'; '.join(told)}. A correlation of 1 or −1 would be a "
        "straight line, 0 none at all.",
        f"Correlated most among the inputs: {'; '.join(among)}. What is correlated that much tells "
        "a model much the same twice.",
        "Correlation is no cause: it says what comes together, not what makes what.",
    ]
