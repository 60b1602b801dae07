"""Principal components of the quantities: rows as points in a plane, counted by Spark ML."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pyspark.ml import Pipeline
from pyspark.ml.feature import PCA, StandardScaler, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.classes import drawn
from hitcast.exploring.look import GREY, as_percent, new_figure, plain
from hitcast.exploring.subject import Subject
from hitcast.exploring.words import listed, percent, signed
from hitcast.features.label import LABEL
from hitcast.tables.names import col

EACH = 400
"""Rows of each class that are drawn."""
HELD = 2
"""Columns that are named for each component."""


@dataclass(frozen=True)
class Components:
    """What `find_components` found.

    Attributes:
        points: Some rows of each class: `label`, `first`, `second` (where they lie).
        explained: The share of all variance that each component holds, largest first.
        weights: What each column adds to the first two: one row a column, `first`, `second`.
    """

    points: pd.DataFrame
    explained: Sequence[float]
    weights: pd.DataFrame


def find_components(
    subject: Subject, columns: Sequence[Column], each: int = EACH, most: int = 10
) -> Components:
    """Turn quantities into components, each of which holds as much variance as is left.

    Columns are brought to one spread first, else those with large numbers would be all there is.
    Rows in which a value is missing are left out.

    Args:
        subject: The rows and their classes.
        columns: Quantities; two or more.
        each: Points of each class: the same rows every time, those whose key's hash is lowest.
        most: Components whose share of variance is told at most.
    """
    names = [column.name for column in columns]
    doubles = [col(name).cast("double").alias(f"c{n}") for n, name in enumerate(names)]
    key = F.xxhash64(col(subject.use_case.key)).alias("place")
    rows = subject.rows.select(*doubles, F.col(LABEL), key)
    inputs = [f"c{n}" for n in range(len(names))]
    stages: list[Any] = [
        VectorAssembler(inputCols=inputs, outputCol="raw", handleInvalid="skip"),
        StandardScaler(inputCol="raw", outputCol="scaled", withMean=True, withStd=True),
        PCA(k=min(most, len(names)), inputCol="scaled", outputCol="components"),
    ]
    model = Pipeline(stages=stages).fit(rows)
    turned = model.transform(rows).select(
        LABEL, "place", vector_to_array(F.col("components")).alias("components")
    )
    parts = [
        turned.where(F.col(LABEL) == kind.number).orderBy("place").limit(each)
        for kind in subject.kinds
    ]
    found = pd.concat([part.drop("place").toPandas() for part in parts], ignore_index=True)
    places = np.array(found["components"].tolist(), float).reshape(len(found), -1)
    points = found[[LABEL]].assign(first=places[:, 0], second=places[:, 1])
    held: Any = model.stages[-1]
    weights = pd.DataFrame(
        held.pc.toArray()[:, :2], columns=["first", "second"], index=pd.Index(names, name="column")
    )
    return Components(points, [float(v) for v in held.explainedVariance.toArray()], weights)


def components_in_words(subject: Subject, found: Components) -> list[str]:
    """How much of the variance fits into a plane, and what the plane's directions are."""
    first = sum(found.explained[:2])
    half = int(np.searchsorted(np.cumsum(found.explained), 0.5)) + 1
    enough = half <= len(found.explained)
    return [
        f"Two components hold {percent(first)} of the variance of {len(found.weights)} quantities"
        + (f"; {half} hold half of it." if enough else f"; {len(found.explained)} hold less than "
           "half of it."),
        f"The first is mostly {_heaviest(subject, found.weights['first'])}; the second mostly "
        f"{_heaviest(subject, found.weights['second'])}.",
    ]  # fmt: skip


def draw_components(subject: Subject, found: Components) -> Figure:
    """Some rows of each class in the plane of the first two components."""
    title = f"Two components hold {percent(sum(found.explained[:2]))} of the variance"
    points = found.points
    each = int(points[LABEL].value_counts().max()) if len(points) else 0
    note = f"{subject.note}; up to {each} {subject.use_case.many} of each class"
    figure = new_figure(4.8, note, title)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    rows = {k.key: float((points[LABEL] == k.number).sum()) for k in subject.kinds}
    for one in drawn(subject.kinds, rows)[::-1]:
        part = points[points[LABEL].isin([kind.number for kind in one.kinds])]
        left.scatter(
            part["first"], part["second"], s=9, alpha=0.5, color=one.colour, label=one.name
        )
    plain(left).set(xlabel="first component", ylabel="second component")
    left.legend(fontsize=8, frameon=False)
    plain(right).bar(range(1, len(found.explained) + 1), found.explained, color=GREY)
    right.set_xlabel("component", fontsize=9)
    right.set_ylabel("share of the variance", fontsize=9)
    as_percent(right.yaxis)
    return figure


def _heaviest(subject: Subject, weights: pd.Series) -> str:
    order = weights.abs().sort_values(ascending=False, kind="stable").index[:HELD]
    return listed([f"{subject.title(str(n))} ({signed(weights[n], 2)})" for n in order])
