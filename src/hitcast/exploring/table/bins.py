"""Rows of each class in bins of the numeric columns; counted by Spark, all columns in one pass."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.subject import Subject
from hitcast.features.label import LABEL
from hitcast.tables.names import col

BINS = 40


def count_bins(
    subject: Subject, columns: Sequence[Column], summary: pd.DataFrame, most: int = BINS
) -> pd.DataFrame:
    """Count the rows of each class in bins of each column, all columns in one pass.

    Bins run from `low` to `high` of the summary; what lies beyond is counted in the outermost
    ones. A bin of whole numbers holds a whole number of them, one where they are few.

    Args:
        subject: The rows and their classes.
        columns: Quantities; one or more.
        summary: What `summarize` found of them.
        most: Bins of each column at most.

    Returns:
        One row a column and bin, empty ones included: `column`, `start`, `end`, and the rows of
        each class (`positive`, `other`; of more than two `of_NAME`). Null values are not counted.
    """
    keys = [kind.key for kind in subject.kinds]
    edges = {c.name: _edges(c, *_range(summary, c.name), most) for c in columns}
    places = F.array(*(_bin(c.name, edges[c.name]) for c in columns))
    counted = (
        subject.rows.select(F.posexplode(places).alias("number", "bin"), F.col(LABEL))
        .where(F.col("bin").isNotNull())
        .groupBy("number", "bin")
        .agg(*(F.count(F.when(F.col(LABEL) == k.number, 1)).alias(k.key) for k in subject.kinds))
        .toPandas()
        .set_index(["number", "bin"])
    )
    return pd.concat(
        [_lines(c.name, edges[c.name], counted[keys], n) for n, c in enumerate(columns)],
        ignore_index=True,
    )


def gaps(bins: pd.DataFrame) -> pd.Series:
    """How far the classes lie apart in each column.

    Returns:
        By column, largest first: the greatest difference between the share of a class's rows and
        the share of all others that lie below one value; 0: distributed alike, 1: no overlap.
    """
    keys = [name for name in map(str, bins) if name not in ("column", "start", "end")]
    found = {}
    for name, part in bins.groupby("column", sort=False):
        counts = part[keys].to_numpy(float)
        rest = counts.sum(axis=1, keepdims=True) - counts
        found[str(name)] = float(np.abs(_below(counts) - _below(rest)).max(initial=0.0))
    return pd.Series(found, name="gap").sort_values(ascending=False, kind="stable")


def _below(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each class's rows up to each bin."""
    shares: NDArray[np.float64] = counts.cumsum(axis=0) / counts.sum(axis=0).clip(min=1)
    return shares


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
    counts = counted.reindex(index, fill_value=0).astype(int)
    return bins.join(counts.reset_index(drop=True))
