"""A trained scorer is judged, becomes a version of the registered model, and gets its alias."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.models.alias_history import AliasHistory
from hitcast.models.decision import as_text
from hitcast.models.evidence import Challenger
from hitcast.models.exporting import export_where_named
from hitcast.models.promotion import Judgement, judge, provisional, unable
from hitcast.models.registry import STAGING, Registry
from hitcast.models.settling import settle_or_stage
from hitcast.models.spark_models import SPARK_MODEL_TAG
from hitcast.models.version_tags import (
    DATA_AT,
    DATA_VERSION,
    FAMILY,
    NOT_JUDGED,
    PARITY,
    REASON_TAG,
)
from hitcast.running.home import Home
from hitcast.running.interrupts import uninterrupted, was_interrupted
from hitcast.running.job import explain, say
from hitcast.tables.delta import Table
from hitcast.tables.history import changed_last
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.judge import history_of
from hitcast.training.judged_rows import JudgedRows
from hitcast.training.options import TrainOptions
from hitcast.training.winner import Winner

NO_PROMOTE = "run jobs/promote.py"


@dataclass(frozen=True)
class Registered:
    """A version that a training registered, and what was decided of it.

    Attributes:
        number: The version.
        aliases: Those that it has.
        decision: In a few words, as `alias_history` has it; `not judged` with `--no-promote`.
        reasons: In words.
    """

    number: int
    aliases: list[str]
    decision: str
    reasons: Sequence[str]


def register(
    lakehouse: Lakehouse,
    home: Home,
    use_case: UseCase,
    options: TrainOptions,
    winner: Winner,
    uri: str,
    run_id: str,
    tags: dict[str, str],
) -> Registered:
    """Judge the scorer and register it, or leave it as `staging`, to be judged later."""
    registry = Registry(home, home.model(use_case.name))
    tags = {**tags, **_tags_of(winner), **_data_at(lakehouse.gold, int(tags["table_version"]))}
    if not options.promote:
        with uninterrupted():
            reason = {REASON_TAG: f"{NOT_JUDGED}: {NO_PROMOTE}"}
            number = registry.register(uri, run_id, {**tags, **reason})
            registry.set_alias(STAGING, number)
            aliases = list(registry.version(number).aliases)
            return Registered(number, aliases, "not judged", [NO_PROMOTE])
    history = history_of(lakehouse, registry)
    judged = _judge(registry, history, lakehouse.gold, use_case, winner, tags)
    with uninterrupted():
        number = registry.register(uri, run_id, {**tags, **provisional(judged)})
        judged = settle_or_stage(registry, history, number, judged, "jobs/train.py")
    say(f"version {number}: {judged.decision.alias} ({as_text(judged.decision)})")
    export_where_named(registry, home, use_case)
    aliases = list(registry.version(number).aliases)
    return Registered(number, aliases, judged.told, judged.decision.reasons)


def _judge(
    registry: Registry,
    history: AliasHistory,
    gold: Table,
    use_case: UseCase,
    winner: Winner,
    tags: dict[str, str],
) -> Judgement:
    """The judgement; where there is none to be had, that and why."""
    try:
        history.take_in(registry)
        rows = JudgedRows(gold, use_case, int(tags["table_version"]))
        return judge(registry, history, Challenger(None, tags, winner.scorer), rows, use_case)
    except Exception as error:
        if was_interrupted():
            raise
        # A model that took an hour to train is registered whatever keeps it from being judged.
        return unable(registry, f"it could not be judged: {explain(error)}")


def _tags_of(winner: Winner) -> dict[str, str]:
    members = winner.model.members
    return {
        FAMILY: winner.model.family,
        PARITY: repr(winner.parity.max_abs_diff),
        SPARK_MODEL_TAG: ", ".join(member.model_uri for member in members),
        "hitcast.spark_run": ", ".join(member.result.run_id for member in members),
    }


def _data_at(gold: Table, version: int) -> dict[str, str]:
    """Since when gold has had the rows of a version, and when that was committed, if known."""
    # As a number: Python's own times have no zone, and the session's is anybody's guess.
    seconds = F.unix_timestamp("timestamp").alias("seconds")
    commits = gold.history().select("version", "operation", seconds).collect()
    known = {commit["version"]: commit for commit in commits}
    since = changed_last({v: commit["operation"] for v, commit in known.items()}, version)
    told = {DATA_VERSION: str(since)}
    if version not in known:
        return told
    at = datetime.fromtimestamp(int(known[version]["seconds"]), tz=UTC)
    return {**told, DATA_AT: at.isoformat()}
