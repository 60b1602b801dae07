"""How long Spark's pipeline and the portable scorer take for the same rows, side by side."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.subject import Subject
from hitcast.exploring.words import count, counted, figure
from hitcast.models.metrics import Array
from hitcast.models.registry import Registry, Version
from hitcast.models.spark_models import load_spark_models
from hitcast.portable.blend import Blend
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.tables.names import col
from hitcast.training.data import to_columns
from hitcast.training.scores import scored_with
from hitcast.training.split import ROW

SIZES = (1, 1000)
"""Rows that are scored in one go."""
TIMES = 3
"""Each is measured so often, and the fastest one told."""
SPARK, PORTABLE = "Spark pipeline", "portable scorer"


@dataclass(frozen=True)
class Timed:
    """What `time_side_by_side` measured.

    Attributes:
        table: One row a way and number of rows: `what`, `rows`, `seconds`, `rows_a_second`.
        furthest: The largest difference between the two probabilities of one row.
    """

    table: pd.DataFrame
    furthest: float


@dataclass(frozen=True)
class _Both:
    """One model in its two forms."""

    models: Sequence[Any]
    scorer: Scorer
    use_case: UseCase

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.use_case.features]

    def by_spark(self, rows: DataFrame) -> Array:
        """What the pipelines say, blended as the scorer's graph does, in the order of the rows."""
        card, classes = self.scorer.card, self.use_case.label.count
        found = [scored_with(model, rows, classes, [ROW]) for model in self.models]
        blend = Blend(tuple(m.weight for m in card.members), card.intercept, card.intercepts)
        return blend.probabilities([said[np.argsort(ids[ROW].to_numpy())] for ids, said in found])

    def portable(self, rows: pd.DataFrame) -> Array:
        """What the scorer says."""
        return self.scorer.probabilities(to_columns(rows, self.names))


def time_side_by_side(
    subject: Subject,
    home: Home,
    registry: Registry,
    version: Version,
    sizes: Sequence[int] = SIZES,
    times: int = TIMES,
) -> Timed:
    """Score the same rows of gold by a version's Spark pipelines and by its portable scorer.

    Rows are in memory before the clock starts, and probabilities are back in this process when it
    stops; what either needs once (to load, to warm up) is not counted.

    Args:
        subject: Gold; the same rows every time, those whose key's hash is lowest.
        home: Where models are.
        registry: The registered model.
        version: Which version of it.
        sizes: Rows that are scored in one go; all there are where they are fewer.
        times: How often each is measured; the fastest one counts.
    """
    with tempfile.TemporaryDirectory() as folder:
        scorer = Scorer.load(registry.download_scorer(version.number, Path(folder)))
    both = _Both(load_spark_models(home, version), scorer, subject.use_case)
    lines, furthest = [], 0.0
    for size in sizes:
        frame = _rows(subject, both.names, size)
        held = frame.orderBy(ROW).toPandas()
        by_spark, spark_seconds = _fastest(partial(both.by_spark, frame), times)
        portable, seconds = _fastest(partial(both.portable, held), times)
        furthest = max(furthest, float(np.abs(by_spark - portable).max(initial=0.0)))
        for what, taken in ((SPARK, spark_seconds), (PORTABLE, seconds)):
            line = {"what": what, "rows": len(held), "seconds": taken}
            lines.append(line | {"rows_a_second": len(held) / taken})
    return Timed(pd.DataFrame(lines), furthest)


def timing_in_words(timed: Timed) -> list[str]:
    """How long both took, and whether they said the same."""
    told = []
    for rows, part in timed.table.groupby("rows"):
        seconds = part.set_index("what")["seconds"]
        times = seconds[SPARK] / seconds[PORTABLE]
        told.append(
            f"{counted(int(str(rows)), 'row')}: the Spark pipeline took "
            f"{_milliseconds(seconds[SPARK])}, the portable scorer "
            f"{_milliseconds(seconds[PORTABLE])}: {count(times)} times as fast."
        )
    same = f"Their probabilities of one row differ by {timed.furthest:.1e} at most."
    return [*told, same.replace("e-", "e−")]


def _rows(subject: Subject, names: Sequence[str], size: int) -> DataFrame:
    """Some rows' inputs, numbered, in this process' memory."""
    chosen = subject.rows.orderBy(F.xxhash64(col(subject.use_case.key))).limit(size)
    rows = chosen.select(*(col(name) for name in names))
    held = [(*row, number) for number, row in enumerate(rows.collect())]
    schema = rows.schema.add(ROW, "long", nullable=False)
    return subject.rows.sparkSession.createDataFrame(held, schema)


def _fastest(ask: Callable[[], Array], times: int) -> tuple[Array, float]:
    """An answer, and the shortest of some times that it took; the first one warms up."""
    answer, taken = ask(), []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    return answer, min(taken)


def _milliseconds(seconds: float) -> str:
    return f"{figure(1000 * seconds)} ms"
