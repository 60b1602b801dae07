"""Judges the version that waits for it, on the test rows of the gold it was trained on."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import RegistryError
from hitcast.features.label import LABEL
from hitcast.models.due import challenger_of
from hitcast.models.promotion import TestRows, outcome, promote
from hitcast.models.registry import STAGING, Registry
from hitcast.running.home import Home
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.data import read_test_rows, to_columns


def judge_staging(
    session: Callable[[], SparkSession], registry: Registry, use_case: UseCase, home: Home
) -> dict[str, Any]:
    """Judge the newest version, or the one that `staging` names, champion against challenger.

    The newest goes first where nobody has judged it: a training may have ended before it could say
    `staging`.

    Args:
        session: Gives the Spark session; asked only if there is a version to judge.
        registry: The model's versions.
        use_case: Names the test rows, the metric and the gates.
        home: Where gold is.

    Returns:
        `version`, `alias`, `decision` and `reasons`, as the job's JSON line has them.

    Raises:
        RegistryError: if there is neither.
    """
    challenger = challenger_of(registry)
    if challenger is None:
        raise RegistryError(
            f"expected a version of {registry.name} with the alias {STAGING}, found the aliases "
            f"{registry.aliases()}; train one with jobs/train.py --no-promote"
        )
    gold = Lakehouse(session(), home.lakehouse, use_case.name, home.schema).gold
    version = challenger.tags.get("table_version")
    rows = read_test_rows(gold, use_case, None if version is None else int(version)).toPandas()
    test = TestRows(
        to_columns(rows, [c.name for c in use_case.features]),
        rows[LABEL].to_numpy(float),
        gold.is_generated(),
    )
    decision = promote(registry, use_case, challenger.number, test)
    return outcome(challenger.number, decision)
