"""How the table changed from version to version: rows, classes, the middle of each column.

Gold's versions are read back by Delta's time travel; one version is one extract brought in.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.classes import kinds_of
from hitcast.exploring.table.numbers import ACCURACY
from hitcast.features.label import LABEL, with_label
from hitcast.ingest.changes import row_hash
from hitcast.tables.delta import Table
from hitcast.tables.history import CHANGING
from hitcast.tables.names import col

QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}
DATE, KEY, HASH = "extraction_date", "held_key", "held_hash"


def list_versions(gold: Table, most: int) -> pd.DataFrame:
    """The versions of a table that changed rows, oldest first.

    Args:
        gold: The feature table.
        most: How many of the newest are told at most.

    Returns:
        `version`, `committed` (UTC), `operation`.

    Raises:
        SourceError: if there is no such table; says what to run.
    """
    gold.read()
    history = gold.history().where(F.col("operation").rlike(CHANGING))
    told = history.select("version", F.col("timestamp").alias("committed"), "operation")
    newest = told.orderBy(F.desc("version")).limit(most).toPandas()
    return newest[::-1].reset_index(drop=True)


def tell_versions(gold: Table, use_case: UseCase, versions: Sequence[int]) -> pd.DataFrame:
    """Summarize the rows at each version, all of them and those that arrived with it.

    Args:
        gold: The feature table.
        use_case: Names key, label and columns.
        versions: Version numbers, oldest first.

    Returns:
        One row a version and part (`all`: the table as it stood; `arrived`: new or changed in that
        version): `version`, `date` (the newest extraction date in it), `part`, `rows`, `new`,
        `changed`, `positive` (rows), `share` (of positive rows), and `NAME_q25`, `NAME_median`,
        `NAME_q75` of each quantity, the label's own included. Of more classes than two, in the
        place of `positive` and `share`: the rows of each (`of_NAME`), then the share of each
        (`share_of_NAME`). Against which version something is new or changed: the one before it in
        the table, listed or not.
    """
    return pd.concat([_tell(gold, use_case, version) for version in versions], ignore_index=True)


def numeric_columns(use_case: UseCase) -> list[Column]:
    """The columns whose trend is told: the label's own if it is a quantity, then the inputs."""
    if use_case.label.at_least is None:
        return list(use_case.numbers)
    return [use_case.column(use_case.label.column), *use_case.numbers]


def share_columns(use_case: UseCase) -> dict[str, str]:
    """The columns with the shares that are told, and the rows of which class each is the share."""
    kinds = kinds_of(use_case)
    if len(kinds) == 2:
        return {"share": kinds[0].key}
    return {f"share_{kind.key}": kind.key for kind in kinds}


def _tell(gold: Table, use_case: UseCase, version: int) -> pd.DataFrame:
    columns = numeric_columns(use_case)
    rows = _with_arrivals(gold, use_case, version)
    rows = rows.transform(with_label(use_case.label))
    parts = {"all": F.lit(True), "arrived": F.col("arrived")}
    shares, kinds = share_columns(use_case), kinds_of(use_case)
    told = {kind.key: kind.number for kind in kinds if kind.key in shares.values()}
    asked = [e for part, wanted in parts.items() for e in _summary(part, columns, wanted, told)]
    found = rows.agg(F.max(DATE).alias("date"), *asked).collect()[0].asDict()
    figures = [f"{column.name}_{q}" for column in columns for q in QUARTILES]
    names = ["rows", "new", "changed", *told, *figures]
    lines = []
    for part in parts:
        # No share where there is no row.
        labelled = found[f"{part}_labelled"] or float("nan")
        line = {name: found[f"{part}_{name}"] for name in names}
        line |= {share: line[of] / labelled for share, of in shares.items()}
        lines.append({"version": version, "date": found["date"], "part": part, **line})
    order = ["version", "date", "part", "rows", "new", "changed", *told, *shares, *figures]
    return pd.DataFrame(lines)[order].astype(dict.fromkeys([*shares, *figures], float))


def _with_arrivals(gold: Table, use_case: UseCase, version: int) -> DataFrame:
    """The rows at a version, with `is_new` and `arrived` (new or changed) against the last one."""
    rows = gold.read(version)
    if version == 0:
        return rows.withColumns({"is_new": F.lit(True), "arrived": F.lit(True)})
    names = [*use_case.column_names, DATE]
    before = gold.read(version - 1).select(
        col(use_case.key).alias(KEY), row_hash(names).alias(HASH)
    )
    is_new = F.col(KEY).isNull()
    joined = rows.join(before, col(use_case.key) == F.col(KEY), how="left")
    return joined.withColumns(
        {"is_new": is_new, "arrived": is_new | (row_hash(names) != F.col(HASH))}
    ).drop(KEY, HASH)


def _summary(
    part: str, columns: Sequence[Column], wanted: Expression, kinds: Mapping[str, int]
) -> list[Expression]:
    new = wanted & F.col("is_new")
    changed = wanted & F.col("arrived") & ~F.col("is_new")
    counted = {"rows": wanted, "new": new, "changed": changed}
    counted["labelled"] = wanted & F.col(LABEL).isNotNull()
    counted |= {key: wanted & (F.col(LABEL) == number) for key, number in kinds.items()}
    found = {name: F.count(F.when(which, 1)) for name, which in counted.items()}
    for column in columns:
        value = F.when(wanted, col(column.name).cast("double"))
        quartiles = F.percentile_approx(value, list(QUARTILES.values()), ACCURACY)
        for place, name in enumerate(QUARTILES):
            found[f"{column.name}_{name}"] = quartiles[place]
    return [expression.alias(f"{part}_{name}") for name, expression in found.items()]
