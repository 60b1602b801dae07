"""Aliases moved because somebody says so: at once, without Spark.

The table of moves is written after that, by whoever has a session.
"""

from typing import Any

from hitcast.declaration.use_case import UseCase
from hitcast.errors import LakehouseError, RegistryError
from hitcast.models.decision import Decision, outcome
from hitcast.models.moves import Move, finish, move_now, pending, say_no_row, user
from hitcast.models.registry import PREVIOUS, PRODUCTION, Registry
from hitcast.models.version_tags import REASON_TAG
from hitcast.running.home import Home
from hitcast.running.job import say

BY_HAND, ROLLED_BACK = "by hand", "rolled back"


def set_by_hand(
    registry: Registry, number: int, alias: str, because: str | None = None
) -> dict[str, Any]:
    """Let `alias` name version `number`; returns what the job's JSON line holds.

    Args:
        registry: The model's versions.
        number: The version.
        alias: Any name.
        because: Why, in the words of who does it.

    Raises:
        RegistryError: if there is no such version, or MLflow reserves the name.
    """
    registry.version(number)
    finish(registry)
    move = _move(registry, alias, number, BY_HAND, _reason("set by hand", because))
    move_now(registry, move)
    if alias == PRODUCTION:  # Any other alias leaves it to be judged.
        registry.tag(number, REASON_TAG, f"{alias}: {move.why}")
    _tell(move)
    return outcome(number, Decision(alias, (move.why,)))


def roll_back(registry: Registry, because: str | None = None) -> dict[str, Any]:
    """Let `production` name the version that `previous` does, and the other way round.

    As long as the table has no row of a rollback, another one completes it and goes nowhere: it may
    be the same command, given again after something was in its way.

    Args:
        registry: The model's versions.
        because: Why, in the words of who does it.

    Returns:
        What the job's JSON line holds.

    Raises:
        RegistryError: if nothing was in production before.
    """
    finish(registry)
    aliases = registry.aliases()
    current, before = aliases.get(PRODUCTION), aliases.get(PREVIOUS)
    made = _made_already(registry, current)
    if made is not None:
        say(f"note: that is done; forward again: --version {before} --alias {PRODUCTION}")
        return _rolled_back(registry, made)
    if before is None or before == current:
        raise RegistryError(
            f"expected a version of {registry.name} with the alias {PREVIOUS} to go back to, found "
            f"the aliases {aliases}; name one with --version N --alias {PRODUCTION}"
        )
    why = f"rolled back from version {current}" if current else "rolled back"
    move = _move(registry, PRODUCTION, before, ROLLED_BACK, _reason(why, because))
    move_now(registry, move)
    return _rolled_back(registry, move)


def write_moves(registry: Registry, use_case: UseCase, home: Home, *, debug: bool = False) -> None:
    """Write down what was moved; where there is no Spark to be had, the next job does."""
    try:
        from hitcast.models.alias_history import NAME, AliasHistory
        from hitcast.running.session import get_session
        from hitcast.tables.lakehouse import Lakehouse

        session = get_session("hitcast promote", debug=debug)
        lakehouse = Lakehouse(session, home.lakehouse, use_case.name, home.schema)
        if not lakehouse.gold.exists():
            # Another home's, which has the table of moves too: none is begun here.
            raise LakehouseError(f"expected this home's tables in {lakehouse.where}, found no gold")
        AliasHistory(lakehouse.table(NAME), registry.name).take_in(registry)
    except Exception as error:
        # The alias has moved, which is what was asked for.
        say_no_row(error)


def _made_already(registry: Registry, current: int | None) -> Move | None:
    """The rollback that production's newest move is, where the table does not have it yet."""
    of_production = [move for move, _ in pending(registry) if move.alias == PRODUCTION]
    last = of_production[-1] if of_production else None
    made = last is not None and (last.decision, last.to_version) == (ROLLED_BACK, current)
    return last if made else None


def _rolled_back(registry: Registry, move: Move) -> dict[str, Any]:
    """Tell of a rollback that was made, which counts as a judgement."""
    registry.tag(move.to_version, REASON_TAG, f"{PRODUCTION}: {move.why}")
    _tell(move)
    return outcome(move.to_version, Decision(PRODUCTION, (move.why,)), ROLLED_BACK)


def _reason(why: str, because: str | None) -> str:
    return f"{why}: {because}" if because else why


def _tell(move: Move) -> None:
    """Say at once that an alias moved: what comes after may take long, or fail."""
    say(f"version {move.to_version} is {move.alias} ({move.why})")


def _move(registry: Registry, alias: str, number: int, decision: str, why: str) -> Move:
    return Move(alias, registry.aliases().get(alias), number, decision, why, user(BY_HAND))
