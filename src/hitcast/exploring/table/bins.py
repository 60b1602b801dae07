"""Rows of each class in bins of the numeric columns; counted by Spark, all columns in one pass."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.features.label import LABEL
from hitcast.tables.names import col

BINS = 40


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
