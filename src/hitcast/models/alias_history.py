"""The table `alias_history`: every move of an alias, and the arbiter of two at once.

Rows are numbered. Each is a commit of its own, whose Delta transaction has the row's number: of two
jobs that add the same number Delta lets one through, and the other finds a row that is not its own.
Models that are trained on one gold share the table; each counts its own rows.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.errors import LakehouseError
from hitcast.models.claims import Row, is_conflict, not_made, verdict
from hitcast.models.moves import Move, finish, forget, pending
from hitcast.models.registry import Registry
from hitcast.tables.delta import Table

NAME = "alias_history"
COLUMNS = {
    "model": "string", "number": "long", "id": "string", "at": "timestamp", "who": "string",
    "alias": "string", "from_version": "long", "to_version": "long", "decision": "string",
    "why": "string", "figures": "map<string, double>",
}  # fmt: skip
ROWS = f"array<struct<{', '.join(f'{name}: {kind}' for name, kind in COLUMNS.items())}>>"
PROPERTIES = {"delta.enableDeletionVectors": "false", "delta.columnMapping.mode": "none"}
TRIES = 20


@dataclass(frozen=True)
class AliasHistory:
    """The moves of one model's aliases.

    Attributes:
        table: The table of moves.
        model: The registered model.
    """

    table: Table
    model: str

    def rows(self) -> Sequence[Row]:
        """All moves, oldest first."""
        if not self.table.exists():
            return []
        of_model = (row for row in self.table.rows() if row["model"] == self.model)
        return sorted(of_model, key=lambda row: int(row["number"]))

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
            lost, held = verdict(registry, move, rows, seen)
            if lost or held:
                return lost
            self._try(move, self._next(rows))
        return "others were faster"

    def take_in(self, registry: Registry) -> None:
        """Write down what was moved where there was no session, and what was not, but told of."""
        finish(registry)
        for move in not_made(registry, self.rows()):
            self.add(move)
        for move, _ in pending(registry):
            self.add(move)
            forget(registry, move)

    def _frame(self, row: Row) -> DataFrame:
        parsed = F.explode(F.from_json(F.lit(json.dumps([row])), ROWS)).alias("row")
        return self.table.spark.range(1, numPartitions=1).select(parsed).select("row.*")

    @staticmethod
    def _next(rows: Sequence[Row]) -> int:
        return int(rows[-1]["number"]) + 1 if rows else 1

    def _try(self, move: Move, number: int) -> None:
        """Add a row; whether it is there is seen by reading: Delta skips what came second."""
        frame = self._frame({**move.as_row(), "number": number, "model": self.model})
        transaction = {"txnAppId": f"{NAME} of {self.model}", "txnVersion": str(number)}
        known = self.table.exists()
        try:
            self.table.create(frame, PROPERTIES)
            self.table.append(frame, **transaction)
        except Exception as error:
            # Made, or added to, by another at the same time, and looked at again; if not, an error.
            conflict = is_conflict(error)
            if not (conflict or isinstance(error, PySparkException)) or not self.table.exists():
                raise
            if known and not conflict and self.standing() < number:
                raise
