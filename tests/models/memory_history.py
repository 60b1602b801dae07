"""A table of moves without Spark: what is added is there at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hitcast.models.alias_history import AliasHistory
from hitcast.models.claims import Row
from hitcast.models.moves import Move


@dataclass(frozen=True)
class MemoryHistory(AliasHistory):
    """Moves in a list; a number that is taken is refused, as Delta does."""

    table: Any = None
    model: str = "model"
    held: list[dict[str, Any]] = field(default_factory=list)

    def rows(self) -> Sequence[Row]:
        """All moves, oldest first."""
        return list(self.held)

    def _try(self, move: Move, number: int) -> None:
        if number > len(self.held):
            at = datetime.fromisoformat(move.at)
            self.held.append({**move.as_row(), "number": number, "at": at})
