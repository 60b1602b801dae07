"""How numeric columns are distributed, among positive rows and the others; counted by Spark."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.exploring.subject import Subject
from hitcast.exploring.words import capital, percent, title_of, with_unit
from hitcast.features.label import LABEL
from hitcast.ingest.tables import col
from hitcast.sections import Column

ACCURACY = 1000
"""Quantiles are off by a rank of at most 1/1000 of the rows."""
QUANTILES = {"low": 0.005, "q25": 0.25, "median": 0.5, "q75": 0.75, "high": 0.995}
BINS = 40


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


def count_bins(
    rows: DataFrame, columns: Sequence[Column], summary: pd.DataFrame, most: int = BINS
) -> pd.DataFrame:
    """Count the rows of each class in bins of each column, all columns in one pass.

    Bins run from `low` to `high` of the summary; what lies beyond is counted in the outermost
    ones. A bin of whole numbers holds a whole number of them, one where they are few.

    Args:
        rows: Rows with `columns` and `label`.
        columns: Numeric columns.
        summary: What `summarize` found of them.
        most: Bins of each column at most.

    Returns:
        One row a column and bin, empty ones included: `column`, `start`, `end`, `positive`,
        `other`. Null values are not counted.
    """
    edges = {c.name: _edges(c, *_range(summary, c.name), most) for c in columns}
    places = F.array(*(_bin(c.name, edges[c.name]) for c in columns))
    counted = (
        rows.select(F.posexplode(places).alias("number", "bin"), F.col(LABEL))
        .where(F.col("bin").isNotNull())
        .groupBy("number", "bin")
        .agg(
            *(
                F.count(F.when(F.col(LABEL) == n, 1)).alias(k)
                for n, k in ((1, "positive"), (0, "other"))
            )
        )
        .toPandas()
        .set_index(["number", "bin"])
    )
    return pd.concat(
        [_lines(c.name, edges[c.name], counted, number) for number, c in enumerate(columns)],
        ignore_index=True,
    )


def gaps(bins: pd.DataFrame) -> pd.Series:
    """How far positive rows and the others lie apart in each column.

    Returns:
        By column, largest first: the greatest difference between the share of positive rows and
        the share of others that lie below one value; 0: distributed alike, 1: no overlap.
    """
    found = {}
    for name, part in bins.groupby("column", sort=False):
        positive, other = (part[kind].to_numpy(float) for kind in ("positive", "other"))
        found[str(name)] = _gap(positive, other)
    return pd.Series(found, name="gap").sort_values(ascending=False, kind="stable")


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


def _gap(positive: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    below = positive.cumsum() / max(positive.sum(), 1) - other.cumsum() / max(other.sum(), 1)
    return float(np.abs(below).max(initial=0.0))


def _range(summary: pd.DataFrame, name: str) -> tuple[float, float]:
    line = summary[summary["column"] == name].iloc[0]
    return float(line["low"]), float(line["high"])


def _edges(column: Column, low: float, high: float, most: int) -> list[float]:
    """The edges of a column's bins; none where it has no values."""
    if np.isnan(low):
        return []
    if column.type == "integer":
        step = -(-int(high - low + 1) // most)
        bins = -(-int(high - low + 1) // step)
        return [low - 0.5 + step * place for place in range(bins + 1)]
    if high == low:
        return [low - 0.5, low + 0.5]
    return [float(edge) for edge in np.linspace(low, high, most + 1)]


def _bin(name: str, edges: Sequence[float]) -> Expression:
    if not edges:
        return F.lit(None).cast("int")
    place = F.floor((col(name) - edges[0]) / (edges[1] - edges[0])).cast("int")
    within = F.least(F.greatest(place, F.lit(0)), F.lit(len(edges) - 2))
    # Both of these pass over null.
    return F.when(col(name).isNotNull(), within)


def _lines(name: str, edges: Sequence[float], counted: pd.DataFrame, number: int) -> pd.DataFrame:
    bins = pd.DataFrame({"column": name, "start": edges[:-1], "end": edges[1:]})
    index = pd.MultiIndex.from_product([[number], range(len(bins))])
    counts = counted.reindex(index, fill_value=0)[["positive", "other"]].astype(int)
    return bins.join(counts.reset_index(drop=True))
