"""Profiles and reference rows of a training, computed by Spark in two passes."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from hitcast.declaration.sections import Profiles
from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL, with_label
from hitcast.portable.insights import MEDIAN, QUANTILES, Insights, Profile

ACCURACY = 1000
"""Quantiles are off by a rank of at most 1/1000 of the rows."""


def find_insights(train: DataFrame, gold: DataFrame, use_case: UseCase) -> Insights | None:
    """What people may compare a row with, where the use case declares `profiles`.

    Args:
        train: Training rows with the raw inputs, group and `label`.
        gold: Gold at the training's version; positive rows of it become references.
        use_case: Names the columns.
    """
    asked = use_case.profiles
    if asked is None:
        return None
    numbers = [column.name for column in use_case.numbers]
    (overall,) = _profiles(train.withColumn(asked.by, F.lit("")), asked.by, numbers).values()
    return Insights(
        by=asked.by,
        numbers=tuple(numbers),
        shown=asked.shown,
        overall=overall,
        profiles=_profiles(train.where(F.col(asked.by).isNotNull()), asked.by, numbers),
        references=_references(gold, use_case, asked, numbers),
        groups=_groups(train, use_case.group),
    )


def _profiles(rows: DataFrame, by: str, numbers: Sequence[str]) -> dict[str, Profile]:
    def quantiles(name: str, kind: str, wanted: Any) -> Any:
        value = F.when(wanted, F.col(name).cast("double"))
        return F.percentile_approx(value, list(QUANTILES), ACCURACY).alias(f"{kind}_{name}")

    kinds = {"all": F.lit(True), "positive": F.col(LABEL) == 1, "other": F.col(LABEL) == 0}
    found = rows.groupBy(by).agg(
        F.count("*").alias("rows"),
        F.avg(LABEL).alias("base_rate"),
        *(quantiles(name, kind, wanted) for name in numbers for kind, wanted in kinds.items()),
    )

    def held(row: Row, kind: str) -> dict[str, list[float]]:
        return {n: list(row[f"{kind}_{n}"]) for n in numbers if row[f"{kind}_{n}"] is not None}

    return {
        row[by]: Profile(
            rows=row["rows"],
            base_rate=row["base_rate"],
            typical={name: values[MEDIAN] for name, values in held(row, "all").items()},
            positive=held(row, "positive"),
            other=held(row, "other"),
        )
        for row in found.orderBy(by).collect()
    }


def _references(
    gold: DataFrame, use_case: UseCase, asked: Profiles, numbers: Sequence[str]
) -> dict[str, dict[str, list[Any]]]:
    """The positive rows with the highest label of each value, as columns."""
    columns = list(dict.fromkeys([*asked.shown, *numbers]))
    best_first = Window.partitionBy(asked.by).orderBy(
        F.col(use_case.label.column).desc(), F.col(use_case.key)
    )
    rows = (
        gold.transform(with_label(use_case.label.column, use_case.label.at_least))
        .where((F.col(LABEL) == 1) & F.col(asked.by).isNotNull())
        .withColumn("place", F.row_number().over(best_first))
        .where(F.col("place") <= asked.references)
        .orderBy(asked.by, "place")
        .select(asked.by, *columns)
        .toPandas()
    )
    # Missing numbers stay gaps: null in JSON, NaN when read as numbers.
    rows = rows.astype(object).where(rows.notna(), None)
    return {
        str(value): {name: part[name].tolist() for name in columns}
        for value, part in rows.groupby(asked.by)
    }


def _groups(train: DataFrame, group: str | None) -> tuple[str, ...]:
    if group is None:
        return ()
    names = train.select(group).where(F.col(group).isNotNull()).distinct().toPandas()[group]
    return tuple(sorted(map(str, names)))
