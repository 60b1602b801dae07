"""Profiles and reference rows of a training, computed by Spark in two passes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from hitcast.declaration.sections import Profiles
from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL, with_label
from hitcast.portable.insights import MEDIAN, QUANTILES, Insights, Profile

_VALUE, _PLACE = "_value_", "_place_"
ACCURACY = 1000
"""Quantiles are off by a rank of at most 1/1000 of the rows."""


def find_insights(train: DataFrame, gold: DataFrame, use_case: UseCase) -> Insights:
    """What people may compare a row with: rows like it, where the use case declares `profiles`.

    Args:
        train: Training rows with the raw inputs, group and `label`.
        gold: Gold at the training's version; positive rows of it become references, of more classes
            than two rows of each.
        use_case: Names the columns.
    """
    asked = use_case.profiles
    numbers = [column.name for column in use_case.numbers]
    codes = [column.name for column in use_case.features if column.type == "category"]
    names = use_case.label.names
    (overall,) = _profiles(train.withColumn(_VALUE, F.lit("")), numbers, codes, names).values()
    found = Insights(None, tuple(numbers), (), overall, {}, {}, _groups(train, use_case))
    if asked is None:
        return found
    valued = train.withColumn(_VALUE, F.col(asked.by)).where(F.col(_VALUE).isNotNull())
    return replace(
        found,
        by=asked.by,
        categories=tuple(codes),
        shown=asked.shown,
        profiles=_profiles(valued, numbers, codes, names),
        references=_references(gold, use_case, asked, [*numbers, *codes]),
    )


def _profiles(
    rows: DataFrame, numbers: Sequence[str], codes: Sequence[str], names: Sequence[str]
) -> dict[str, Profile]:
    """The profile of each value of `_value_`; `names` are those of the classes, if they have some.

    Of two classes there are quantiles for each, by `other` and `positive`.
    """

    def quantiles(name: str, kind: str, wanted: Any) -> Any:
        value = F.when(wanted, F.col(name).cast("double"))
        return F.percentile_approx(value, list(QUANTILES), ACCURACY).alias(f"{kind}_{name}")

    classes = range(max(len(names), 2))
    kinds = {"all": F.lit(True)} | {str(place): F.col(LABEL) == place for place in classes}
    found = rows.groupBy(_VALUE).agg(
        F.count("*").alias("rows"),
        *(F.avg((F.col(LABEL) == place).cast("double")).alias(f"{place}") for place in classes),
        # The lowest of several that are as frequent.
        *(F.mode(name, deterministic=True).cast("double").alias(f"mode_{name}") for name in codes),
        *(quantiles(name, kind, wanted) for name in numbers for kind, wanted in kinds.items()),
    )

    def held(row: Row, kind: str) -> dict[str, list[float]]:
        return {n: list(row[f"{kind}_{n}"]) for n in numbers if row[f"{kind}_{n}"] is not None}

    def profile(row: Row) -> Profile:
        shares = {name: row[str(place)] for place, name in enumerate(names)}
        every = held(row, "all")
        typical = {name: values[MEDIAN] for name, values in every.items()}
        modes = {name: row[f"mode_{name}"] for name in codes}
        typical |= {name: value for name, value in modes.items() if value is not None}
        if len(classes) == 2:
            of_classes = held(row, "1"), held(row, "0"), shares
            return Profile(row["rows"], row["1"], typical, *of_classes, every=every)
        by_class = {name: held(row, str(place)) for place, name in enumerate(names)}
        return Profile(row["rows"], max(shares.values()), typical, {}, every, shares, by_class)

    return {row[_VALUE]: profile(row) for row in found.orderBy(_VALUE).collect()}


def _references(
    gold: DataFrame, use_case: UseCase, asked: Profiles, numbers: Sequence[str]
) -> dict[str, dict[str, list[Any]]]:
    """The positive rows with the highest label of each value, as columns.

    Of named classes, none is higher than another: they come in the order of their keys.
    """
    columns = list(dict.fromkeys([*asked.shown, *numbers]))
    key, named = F.col(use_case.key), use_case.label.names
    order = [key] if named else [F.col(use_case.label.column).desc(), key]
    best_first = Window.partitionBy(asked.by).orderBy(*order)
    wanted = F.col(LABEL).isNotNull() if len(named) > 2 else F.col(LABEL) == 1
    rows = (
        gold.transform(with_label(use_case.label))
        .where(wanted & F.col(asked.by).isNotNull())
        .withColumn(_PLACE, F.row_number().over(best_first))
        .where(F.col(_PLACE) <= asked.references)
        .orderBy(asked.by, _PLACE)
        .select(asked.by, *columns)
        .toPandas()
    )
    # Missing numbers stay gaps: null in JSON, NaN when read as numbers.
    rows = rows.astype(object).where(rows.notna(), None)
    return {
        str(value): {name: part[name].tolist() for name in columns}
        for value, part in rows.groupby(asked.by)
    }


def _groups(train: DataFrame, use_case: UseCase) -> tuple[str, ...]:
    """The groups that the training has seen; private ones are in no model's files."""
    group = use_case.group
    if group is None or use_case.column(group).private:
        return ()
    names = train.select(group).where(F.col(group).isNotNull()).distinct().toPandas()[group]
    return tuple(sorted(map(str, names)))
