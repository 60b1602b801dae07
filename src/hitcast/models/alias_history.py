"""The table `alias_history`: every move of an alias, and the arbiter of two at once.

Rows are numbered. Each is a commit of its own, whose Delta transaction has the row's number: of two
jobs that add the same number Delta lets one through, and the other finds a row that is not its own.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from hitcast.errors import LakehouseError
from hitcast.models.moves import Move, finish, forget, pending
from hitcast.models.registry import PRODUCTION, Registry
from hitcast.models.version_tags import is_judged
from hitcast.tables.delta import Table

NAME = "alias_history"
COLUMNS = {
    "number": "long", "id": "string", "at": "timestamp", "who": "string", "alias": "string",
    "from_version": "long", "to_version": "long", "decision": "string", "why": "string",
    "figures": "map<string, double>",
}  # fmt: skip
ROWS = f"array<struct<{', '.join(f'{name}: {kind}' for name, kind in COLUMNS.items())}>>"
PROPERTIES = {"delta.enableDeletionVectors": "false", "delta.columnMapping.mode": "none"}
TRIES = 20
UNDER_WAY = timedelta(minutes=10)
"""A promotion that has been told of for longer, and did not happen, was killed."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class AliasHistory:
    """The moves of one model's aliases."""

    table: Table

    def rows(self) -> Sequence[Row]:
        """All moves, oldest first."""
        if not self.table.exists():
            return []
        return sorted(self.table.rows(), key=lambda row: int(row["number"]))

    def standing(self) -> int:
        """The newest move's number; 0 where there is none."""
        rows = self.rows()
        return int(rows[-1]["number"]) if rows else 0

    def add(self, move: Move) -> None:
        """Add a move that was made, under whatever number is free, unless it is there.

        Raises:
            LakehouseError: if others were faster each time.
        """
        for _ in range(TRIES):
            rows = self.rows()
            if any(row["id"] == move.id for row in rows):
                return
            self._try(move, self._next(rows))
        raise LakehouseError(
            f"expected to add a row to {self.table.place}, found others adding theirs {TRIES} "
            "times; run again"
        )

    def add_once(self, move: Move) -> None:
        """Add a decision, unless the newest of that alias is the same: a run that was killed."""
        of_alias = [row for row in self.rows() if row["alias"] == move.alias]
        if not (of_alias and move.says_what(of_alias[-1])):
            self.add(move)

    def claim(self, registry: Registry, move: Move, seen: int) -> str:
        """Claim that `production` moves as decided, before it does.

        Args:
            registry: Says what it names now.
            move: The move.
            seen: The number of the newest row when the judgement began.

        Returns:
            Why not; nothing where the move may be made.
        """
        for _ in range(TRIES):
            rows = self.rows()
            lost, held = _verdict(registry, move, rows, seen)
            if lost or held:
                return lost
            self._try(move, self._next(rows))
        return "others were faster"

    def take_in(self, registry: Registry) -> None:
        """Write down what was moved where there was no session."""
        finish(registry)
        for move, _ in pending(registry):
            self.add(move)
            forget(registry, move)

    @staticmethod
    def _next(rows: Sequence[Row]) -> int:
        return int(rows[-1]["number"]) + 1 if rows else 1

    def _try(self, move: Move, number: int) -> None:
        """Add a row; whether it is there is seen by reading: Delta skips what came second."""
        told = json.dumps([{**move.as_row(), "number": number}])
        parsed = F.explode(F.from_json(F.lit(told), ROWS)).alias("row")
        frame = self.table.spark.range(1, numPartitions=1).select(parsed).select("row.*")
        transaction = {"txnAppId": NAME, "txnVersion": str(number)}
        known = self.table.exists()
        try:
            self.table.create(frame, PROPERTIES)
            self.table.append(frame, **transaction)
        except PySparkException:
            # Made, or added to, by another at the same time; if not, it is an error.
            if known and self.standing() < number:
                raise
            with suppress(PySparkException):
                self.table.append(frame, **transaction)


def _verdict(registry: Registry, move: Move, rows: Sequence[Row], seen: int) -> tuple[str, bool]:
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


def _is_under_way(registry: Registry, row: Row, current: int | None) -> bool:
    """Whether a move is told of that was not made to the end, a moment ago."""
    at: datetime = row["at"]
    old = datetime.now(UTC) - at.astimezone(UTC) > UNDER_WAY
    return not (old or row["to_version"] == current or _is_judged(registry, row["to_version"]))


def _is_judged(registry: Registry, number: int) -> bool:
    return all(is_judged(v) for v in registry.versions() if v.number == number)
