"""Moves of aliases: what each says of itself, and how it is carried out in the registry."""

import getpass
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from textwrap import shorten
from typing import Any
from uuid import uuid4

from hitcast.models.registry import PREVIOUS, PRODUCTION, STAGING, Registry
from hitcast.models.version_tags import ARCHIVED, now
from hitcast.running.job import explain, say

PENDING = "hitcast.pending_"
"""Begins the tags of moves that the table of moves does not have yet."""
NOT_MADE = "not made"
WHY = 500
"""Characters of the reasons that such a tag has: Unity Catalog cuts long ones off, as JSON too."""


@dataclass(frozen=True)
class Move:
    """One move of an alias, or a decision not to move it.

    Attributes:
        alias: Which.
        from_version: What it named before; None: nothing.
        to_version: What it names since.
        decision: In a few words: promoted, not promoted, rolled back, by hand.
        why: The reasons.
        who: Which user did it, and by what.
        figures: What the decision rests on.
        at: When.
        id: Tells it from all others.
    """

    alias: str
    from_version: int | None
    to_version: int
    decision: str
    why: str
    who: str
    figures: Mapping[str, float] = field(default_factory=dict)
    at: str = field(default_factory=now)
    id: str = field(default_factory=lambda: uuid4().hex)

    def as_row(self) -> dict[str, Any]:
        """As the table has it, but for its number."""
        return asdict(self)

    def says_what(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the table is of the same decision."""
        names = ("alias", "to_version", "decision", "why")
        return all(row[name] == getattr(self, name) for name in names)


def user(by: str) -> str:
    """Who this is, and by what means: a job, or by hand."""
    try:
        return f"{getpass.getuser()}, {by}"
    except (KeyError, OSError, ImportError):
        return by


def undone(row: Mapping[str, Any], why: str) -> Move:
    """The one row that says that a move which was told of was not made."""
    to, before = row["to_version"], row["from_version"]
    back, named = to if before is None else before, f"{NOT_MADE}: {row['id']}"
    return Move(row["alias"], to, back, NOT_MADE, why, row["who"], id=named)


def say_no_row(error: Exception) -> None:
    """Say that the table does not have a move yet, which is no reason to fail a job."""
    say(
        "note: alias_history has no row of this yet; a tag of the version keeps it until the "
        f"next training or judgement ({explain(error).removeprefix('error: ')})"
    )


def promote_in(registry: Registry, number: int, champion: int | None) -> None:
    """Have `production` name a version that was judged: `previous` first, so that it is kept."""
    _name_previous(registry, number, champion)
    registry.set_alias(PRODUCTION, number)
    _tidy_up(registry, number)


def _name_previous(registry: Registry, number: int, before: int | None) -> None:
    if before is not None and before != number:
        registry.set_alias(PREVIOUS, before)


def _tidy_up(registry: Registry, number: int) -> None:
    """What is in production waits for no judgement; what it took the place of is archived."""
    if registry.aliases().get(STAGING) == number:
        registry.remove_alias(STAGING)
    mark_archived(registry)


def move_now(registry: Registry, move: Move) -> None:
    """Carry out what somebody has asked for; a tag keeps it until the table has it.

    The alias that was asked for moves first: a rollback is not to wait for anything.
    """
    keep(registry, move, done=False)
    registry.set_alias(move.alias, move.to_version)
    _rest_of(registry, move)


def finish(registry: Registry) -> None:
    """Do what a move was killed over; a move that had not begun is forgotten."""
    aliases = registry.aliases()
    for move, done in pending(registry):
        if done:
            continue
        if aliases.get(move.alias) == move.to_version:
            _rest_of(registry, move)
        elif aliases.get(move.alias) == move.from_version:
            forget(registry, move)
        else:
            keep(registry, move, done=True)


def _rest_of(registry: Registry, move: Move) -> None:
    if move.alias == PRODUCTION:
        _name_previous(registry, move.to_version, move.from_version)
        _tidy_up(registry, move.to_version)
    keep(registry, move, done=True)


def pending(registry: Registry) -> list[tuple[Move, bool]]:
    """The moves that the table does not have yet, oldest first, and whether each is done."""
    found = []
    for version in registry.versions():
        for name, text in version.tags.items():
            if name.startswith(PENDING):
                told = json.loads(text)
                found.append((Move(**{**told["move"], "figures": {}}), bool(told["done"])))
    return sorted(found, key=lambda pair: pair[0].at)


def keep(registry: Registry, move: Move, *, done: bool) -> None:
    """Keep a move as a tag of the version that it moves to."""
    row = {name: value for name, value in move.as_row().items() if name != "figures"}
    row["why"] = shorten(move.why, WHY, placeholder=" …")
    text = json.dumps({"done": done, "move": row}, ensure_ascii=False)
    registry.tag(move.to_version, PENDING + move.id, text)


def forget(registry: Registry, move: Move) -> None:
    """Remove that tag."""
    registry.remove_tag(move.to_version, PENDING + move.id)


def mark_archived(registry: Registry) -> None:
    """Tag the version that was replaced, and no longer the one that is back in production."""
    aliases = registry.aliases()
    current, replaced = aliases.get(PRODUCTION), aliases.get(PREVIOUS)
    tags = {v.number: v.tags for v in registry.versions(aliases)}
    if current in tags and ARCHIVED in tags[current]:
        registry.remove_tag(current, ARCHIVED)
    if replaced in tags and replaced != current and ARCHIVED not in tags[replaced]:
        registry.tag(replaced, ARCHIVED, now())
