"""How numeric columns are distributed, among positive rows and the others; counted by Spark."""

from collections.abc import Sequence

import pandas as pd
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.bins import gaps
from hitcast.exploring.words import capital, percent, title_of, with_unit
from hitcast.features.label import LABEL
from hitcast.tables.names import col

ACCURACY = 1000
"""Quantiles are off by a rank of at most 1/1000 of the rows."""
QUANTILES = {"low": 0.005, "q25": 0.25, "median": 0.5, "q75": 0.75, "high": 0.995}


def summarize(rows: DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Summarize numeric columns in one pass.

    Args:
        rows: Rows with `columns` and `label`.
        columns: Numeric columns.

    Returns:
        One row a column, in their order and unit: `column`, `unit`, `mean`, `sd`, `min`, `low`
        (only 1 of 200 values is lower), `q25`, `median`, `q75`, `high`, `max`, `median_positive`,
        `median_other`. What no value tells is NaN.
    """
    found = rows.agg(*(e for n, c in enumerate(columns) for e in _summary(n, c))).collect()[0]
    lines = []
    for number, column in enumerate(columns):
        values = {name: found[f"{number}_{name}"] for name in ("mean", "sd", "min", "max")}
        values |= dict(zip(QUANTILES, found[f"{number}_all"] or [None] * 5, strict=True))
        for kind in ("positive", "other"):
            values[f"median_{kind}"] = found[f"{number}_{kind}"]
        lines.append({"column": column.name, "unit": column.unit or "", **values})
    order = ["mean", "sd", "min", *QUANTILES, "max", "median_positive", "median_other"]
    return pd.DataFrame(lines, columns=["column", "unit", *order]).astype(
        dict.fromkeys(order, float)
    )


def _summary(number: int, column: Column) -> list[Expression]:
    value = col(column.name).cast("double")
    quantiles = F.percentile_approx(value, list(QUANTILES.values()), ACCURACY)
    kinds = {"positive": F.col(LABEL) == 1, "other": F.col(LABEL) == 0}
    medians = {
        kind: F.percentile_approx(F.when(w, value), 0.5, ACCURACY) for kind, w in kinds.items()
    }
    named = {"mean": F.avg(value), "sd": F.stddev_samp(value), "min": F.min(value)}
    named |= {"max": F.max(value), "all": quantiles, **medians}
    return [expression.alias(f"{number}_{name}") for name, expression in named.items()]


def numbers_in_words(subject: Subject, summary: pd.DataFrame, bins: pd.DataFrame) -> list[str]:
    """What the distributions show: which columns tell the classes apart, and which do not."""
    apart = gaps(bins)
    medians = summary.set_index("column")
    sentences = [
        f"Each picture shows what share of the {subject.positive} {subject.noun} and of the others "
        "has which value. Where the two shapes differ, the column tells something by itself."
    ]
    for place, name in zip(("most", "second most"), apart.index[:2], strict=False):
        column, line = subject.use_case.column(name), medians.loc[name]
        sentences.append(
            f"{title_of(column)} tells them apart {place}: half of the {subject.positive} ones lie "
            f"at or below {with_unit(column, line['median_positive'])}, half of the others at or "
            f"below {with_unit(column, line['median_other'])}. At one value the shares that lie "
            f"below it differ by {percent(apart[name])}."
        )
    last = subject.use_case.column(apart.index[-1])
    sentences.append(
        f"{title_of(last)} tells least by itself: there the shares never differ by more than "
        f"{percent(apart.iloc[-1])}. It may still matter together with other columns."
    )
    return [capital(sentence) for sentence in sentences]
