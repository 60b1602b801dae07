"""Judges the version that waits for it, on the test rows of the gold it was trained on."""

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import RegistryError
from hitcast.models.alias_history import NAME, AliasHistory
from hitcast.models.decision import outcome
from hitcast.models.due import challenger_of
from hitcast.models.evidence import load_challenger
from hitcast.models.exporting import export_where_named
from hitcast.models.promotion import judge
from hitcast.models.registry import PRODUCTION, STAGING, Registry, Version
from hitcast.models.settling import settle
from hitcast.models.trials import Trial, trial_of
from hitcast.models.version_tags import TABLE_ID, TABLE_VERSION
from hitcast.running.home import Home
from hitcast.running.interrupts import uninterrupted
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.judged_rows import JudgedRows


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
    version = challenger_of(registry)
    if version is None:
        raise RegistryError(
            f"expected a version of {registry.name} with the alias {STAGING}, found the aliases "
            f"{registry.aliases()}; train one with jobs/train.py --no-promote"
        )
    return _judge(session, registry, use_case, home, version)


def judge_winner(
    session: Callable[[], SparkSession],
    registry: Registry,
    use_case: UseCase,
    home: Home,
    experiment: str,
) -> dict[str, Any]:
    """Judge the version that was better than production's in an experiment on live traffic.

    It passes the same gates, but that it be better on the test rows, too.

    Args:
        session: Gives the Spark session.
        registry: The model's versions.
        use_case: Names the test rows and the gates.
        home: Where gold and the experiment's report are.
        experiment: Its name.

    Returns:
        As `judge_staging`.

    Raises:
        RegistryError: if no version has won, another one is in production by now, or the winner was
            taken out of production after what the report is of.
    """
    trial = trial_of(home, use_case.name, experiment)
    trial.require_champion(registry.aliases().get(PRODUCTION))
    version = registry.version(trial.version)
    return _judge(session, registry, use_case, home, version, trial)


def _judge(
    session: Callable[[], SparkSession],
    registry: Registry,
    use_case: UseCase,
    home: Home,
    version: Version,
    trial: Trial | None = None,
) -> dict[str, Any]:
    """Judge a version and carry that out."""
    lakehouse = Lakehouse(session(), home.lakehouse, use_case.name, home.schema)
    history = history_of(lakehouse, registry)
    history.take_in(registry)
    if trial is not None:
        trial.require_not_taken_back(history.rows())
    rows = JudgedRows(lakehouse.gold, use_case, seen_version(lakehouse.gold, version.tags))
    told = trial.told if trial is not None else ""
    judged = judge(registry, history, load_challenger(registry, version), rows, use_case, told)
    with uninterrupted():
        judged = settle(registry, history, version.number, judged, "jobs/promote.py")
    export_where_named(registry, home, use_case)
    return outcome(version.number, judged.decision, judged.told)


def history_of(lakehouse: Lakehouse, registry: Registry) -> AliasHistory:
    """The moves of the model's aliases."""
    return AliasHistory(lakehouse.table(NAME), registry.name)


def seen_version(gold: Table, tags: Mapping[str, str]) -> int | None:
    """Gold's version that a model was trained on; None: the newest, of a table made anew."""
    version, table = tags.get(TABLE_VERSION, ""), tags.get(TABLE_ID)
    same = table is None or table == gold.identity()
    return int(version) if version.isdigit() and same else None
