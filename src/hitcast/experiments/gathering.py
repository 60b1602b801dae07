"""Brings what an experiment did to the driver: units, arms, days, some predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.experiment import Experiment
from hitcast.declaration.label import Label
from hitcast.errors import ExperimentError
from hitcast.experiments.areas import PREDICTIONS, area_of
from hitcast.experiments.by_unit import (
    by_unit,
    classes_of,
    compared,
    lines_of,
    with_look,
    with_outcomes,
)
from hitcast.experiments.shares import shares_of
from hitcast.experiments.table import ANSWERS, UnitTable
from hitcast.experiments.timing import most_looks, steps
from hitcast.models.bootstrap import Interval
from hitcast.tables.fingerprint import fingerprint
from hitcast.tables.keeping import kept, let_go

BUCKETS = 10_000


@dataclass(frozen=True)
class Answered:
    """What an arm has answered, or a shadow has scored.

    Attributes:
        versions: Those that did, but for answers in the place of a broken arm's.
        days: Predictions and units by day.
    """

    predictions: int
    fallbacks: int
    versions: tuple[int, ...]
    days: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Gathered:
    """All that a report is made of.

    Attributes:
        units: What units did.
        arms: By alias.
        ends: When each look ends.
        areas: areaUnderPR by arm and `versus`.
        first: When the first prediction was made.
        newest: When the last one was.
        state: What the lines and outcomes are known by: the same ones have the same.
        shares: By period, the part of the units that each arm was to have, where that is known.
    """

    units: UnitTable
    arms: Mapping[str, Answered]
    ends: Sequence[datetime]
    areas: Mapping[tuple[str, str], Interval]
    first: datetime
    newest: datetime
    state: str
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def gather(log: DataFrame, outcomes: DataFrame, experiment: Experiment, label: Label) -> Gathered:
    """Read an experiment's lines and outcomes.

    Raises:
        ExperimentError: if there is no line of the experiment.
    """
    lines = kept(with_outcomes(lines_of(log, experiment), outcomes, label))
    try:
        span = lines.agg(
            F.min(F.unix_micros("time")).alias("first"),
            F.max(F.unix_micros("time")).alias("last"),
            F.approx_count_distinct("unit").alias("units"),
        ).collect()[0]
        if span["first"] is None:
            raise ExperimentError(
                f"expected lines of the experiment {experiment.name!r} in inference_log, found "
                "none with a unit and one of its arms; run jobs/collect.py after some traffic"
            )
        first, last = span["first"] / 1e6, span["last"] / 1e6
        begin, step, looks = steps(first, last, most_looks(span["units"]))
        rows = kept(with_look(compared(lines, experiment.control.alias), begin, step))
        try:
            # Of a million ids, two share a hash in 3 of 100 million tables.
            hashed = by_unit(rows).withColumn("unit", F.xxhash64("unit"))
            units = UnitTable.of(hashed.toPandas())
            areas = _areas(rows, label)
        finally:
            let_go(rows)
        row = F.xxhash64("prediction_id", "arm", "shadow", "outcome", "segment", "line")
        count, content = fingerprint(lines, row)
        return Gathered(
            units, _arms(lines), [_utc(begin + (k + 1) * step) for k in range(looks)], areas,
            _utc(first), _utc(last), f"{count}-{content}", shares_of(lines, experiment),
        )  # fmt: skip
    finally:
        let_go(lines)


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _arms(lines: DataFrame) -> dict[str, Answered]:
    own = F.when(~F.col("fallback"), F.col("version"))
    days = lines.groupBy("arm", F.to_date("time").cast("string").alias("day")).agg(
        F.count("*").alias("predictions"),
        F.sum(F.col("fallback").cast("long")).alias("fallbacks"),
        F.countDistinct("unit").alias("units"),
        F.collect_set(own).alias("versions"),
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(days.toArrow().to_pylist(), key=lambda row: str(row["day"])):
        found.setdefault(row["arm"], []).append(row)
    return {
        alias: Answered(
            sum(row["predictions"] for row in rows),
            sum(row["fallbacks"] for row in rows),
            tuple(sorted({version for row in rows for version in row["versions"]})),
            {row["day"]: (row["predictions"], row["units"]) for row in rows},
        )
        for alias, rows in found.items()
    }


def _areas(rows: DataFrame, label: Label) -> dict[tuple[str, str], Interval]:
    names = classes_of(label)
    said = F.col("probability")
    if len(names) > 2:
        each = (F.try_element_at("probabilities", F.lit(name)) for name in names)
        said = F.array(*(F.coalesce(p, F.lit(0.0)) for p in each))
    told = rows.where(F.col("number").isNotNull()).withColumn("said", said)
    counts = told.groupBy("arm", "versus").count().toArrow().to_pylist()
    most = max((row["count"] for row in counts), default=0)
    share = min(1.0, PREDICTIONS / max(most, 1))
    chosen = F.pmod(F.xxhash64("unit"), F.lit(BUCKETS)) < round(share * BUCKETS)
    frame = told.where(chosen).select("unit", "arm", "versus", "number", "said").toPandas()
    groups = frame.fillna({"versus": ANSWERS}).groupby(["arm", "versus"])
    return {(str(a), str(versus)): area_of(part, len(names)) for (a, versus), part in groups}
