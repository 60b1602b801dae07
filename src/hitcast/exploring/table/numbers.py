"""How quantities are distributed in each class; counted by Spark."""

from collections.abc import Sequence

import pandas as pd
from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.classes import Kind
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.bins import gaps
from hitcast.exploring.words import capital, percent, title_of, with_unit
from hitcast.features.label import LABEL
from hitcast.tables.names import col

ACCURACY = 1000
"""Quantiles are off by a rank of at most 1/1000 of the rows."""
QUANTILES = {"low": 0.005, "q25": 0.25, "median": 0.5, "q75": 0.75, "high": 0.995}


def summarize(subject: Subject, columns: Sequence[Column]) -> pd.DataFrame:
    """Summarize quantities in one pass.

    Args:
        subject: The rows and their classes.
        columns: Quantities; one or more.

    Returns:
        One row a column, in their order and unit: `column`, `unit`, `mean`, `sd`, `min`, `low`
        (only 1 of 200 values is lower), `q25`, `median`, `q75`, `high`, `max`, and the median of
        each class (`median_positive`, `median_other`; of more than two `median_of_NAME`). What no
        value tells is NaN.
    """
    kinds = subject.kinds
    asked = (e for n, c in enumerate(columns) for e in _summary(n, c, kinds))
    found = subject.rows.agg(*asked).collect()[0]
    lines = []
    for number, column in enumerate(columns):
        values = {name: found[f"{number}_{name}"] for name in ("mean", "sd", "min", "max")}
        values |= dict(zip(QUANTILES, found[f"{number}_all"] or [None] * 5, strict=True))
        values |= {f"median_{kind.key}": found[f"{number}_{kind.key}"] for kind in kinds}
        lines.append({"column": column.name, "unit": column.unit or "", **values})
    order = ["mean", "sd", "min", *QUANTILES, "max", *(f"median_{kind.key}" for kind in kinds)]
    return pd.DataFrame(lines, columns=["column", "unit", *order]).astype(
        dict.fromkeys(order, float)
    )


def _summary(number: int, column: Column, kinds: Sequence[Kind]) -> list[Expression]:
    value = col(column.name).cast("double")
    quantiles = F.percentile_approx(value, list(QUANTILES.values()), ACCURACY)
    medians = {
        k.key: F.percentile_approx(F.when(F.col(LABEL) == k.number, value), 0.5, ACCURACY)
        for k in kinds
    }
    named = {"mean": F.avg(value), "sd": F.stddev_samp(value), "min": F.min(value)}
    named |= {"max": F.max(value), "all": quantiles, **medians}
    return [expression.alias(f"{number}_{name}") for name, expression in named.items()]


def numbers_in_words(subject: Subject, summary: pd.DataFrame, bins: pd.DataFrame) -> list[str]:
    """What the distributions show: which columns tell the classes apart, and which do not."""
    apart = gaps(bins)
    medians = summary.set_index("column")
    whose = f"the {subject.positive} {subject.noun} and of the others"
    if not subject.has_two_classes:
        whose = f"each class's {subject.noun}"
    sentences = [
        f"Each picture shows what share of {whose} has which value. Where the "
        f"{'two ' if subject.has_two_classes else ''}shapes differ, the column tells something by "
        "itself."
    ]
    for place, name in zip(("most", "second most"), apart.index[:2], strict=False):
        column = subject.use_case.column(str(name))
        sentences.append(
            f"{title_of(column)} tells them apart {place}: "
            f"{_medians(subject, column, medians.loc[name])}. At one value the shares that lie "
            f"below it differ by {percent(apart[name])}."
        )
    last = subject.use_case.column(str(apart.index[-1]))
    sentences.append(
        f"{title_of(last)} tells least by itself: there the shares never differ by more than "
        f"{percent(apart.iloc[-1])}. It may still matter together with other columns."
    )
    return [capital(sentence) for sentence in sentences]


def _medians(subject: Subject, column: Column, line: pd.Series) -> str:
    """Where the halves of two classes lie; of more, of the lowest and the highest one."""
    if subject.has_two_classes:
        return (
            f"half of the {subject.positive} ones lie at or below "
            f"{with_unit(column, line['median_positive'])}, half of the others at or below "
            f"{with_unit(column, line['median_other'])}"
        )
    found = [(line[f"median_{kind.key}"], kind.name) for kind in subject.kinds]
    found = sorted(pair for pair in found if pair[0] == pair[0])
    if not found:
        return "no class has a value"
    (low, lowest), (high, highest) = found[0], found[-1]
    return (
        f"half of {lowest} lies at or below {with_unit(column, low)}, half of {highest} at or "
        f"below {with_unit(column, high)}, and the other classes between them"
    )
