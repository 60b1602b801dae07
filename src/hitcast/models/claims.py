"""Whether a move of `production` may be made: read from the rows of the moves so far."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hitcast.models.moves import NOT_MADE, Move, undone
from hitcast.models.registry import PRODUCTION, Registry
from hitcast.models.version_tags import is_judged

UNDER_WAY = timedelta(minutes=10)
"""A promotion that has been told of for longer, and did not happen, was killed."""
CONFLICT = re.compile(
    r"Concurrent\w*Exception|DELTA_CONCURRENT|(Metadata|Protocol)ChangedException"
)
"""What Delta calls it when another commit came between."""

Row = Mapping[str, Any]


def verdict(registry: Registry, move: Move, rows: Sequence[Row], seen: int) -> tuple[str, bool]:
    """Why a move of `production` may not be made, and whether it is told of already."""
    if any(row["id"] == move.id for row in rows):
        return "", True
    current = registry.aliases().get(PRODUCTION)
    if current != move.from_version:
        return f"version {current} went to production meanwhile", False
    of_production = [row for row in rows if row["alias"] == PRODUCTION]
    if not of_production:
        return "", False
    last = of_production[-1]
    pair = (last["from_version"], last["to_version"])
    if pair == (move.from_version, move.to_version) and not _is_judged(registry, pair[1]):
        return "", True  # Told of by a run that was killed before it moved the alias.
    begun_since = int(last["number"]) > seen
    if begun_since or _is_under_way(registry, last, current):
        return f"version {last['to_version']} is going to production ({last['who']})", False
    return "", False


def not_made(registry: Registry, rows: Sequence[Row]) -> list[Move]:
    """The rows that are missing: of promotions that were told of, and killed before they moved."""
    current = registry.aliases().get(PRODUCTION)
    of_production = [row for row in rows if row["alias"] == PRODUCTION]
    found = []
    for place, row in enumerate(of_production):
        told = row["decision"] == "promoted" and _is_overdue(row)
        left = any(r["from_version"] == row["to_version"] for r in of_production[place + 1 :])
        if told and not left and row["to_version"] != current:
            if not _is_judged(registry, row["to_version"]):
                found.append(undone(row, "the run that told of it did not get to it"))
    return found


def is_conflict(error: Exception) -> bool:
    """Whether Delta refused a commit because another one came between.

    A classic session raises some of those as py4j's error, which names Java's own; by its text, as
    Spark Connect has no py4j.
    """
    return bool(CONFLICT.search(f"{type(error).__name__} {error}"))


def _is_under_way(registry: Registry, row: Row, current: int | None) -> bool:
    """Whether a move is told of that was not made to the end, a moment ago."""
    over = row["decision"] == NOT_MADE or _is_overdue(row) or row["to_version"] == current
    return not (over or _is_judged(registry, row["to_version"]))


def _is_overdue(row: Row) -> bool:
    at: datetime = row["at"]
    return datetime.now(UTC) - at.astimezone(UTC) > UNDER_WAY


def _is_judged(registry: Registry, number: int) -> bool:
    return all(is_judged(v) for v in registry.versions() if v.number == number)
