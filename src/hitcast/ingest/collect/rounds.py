"""Rounds through tables and segments that erase one unit: each takes what was closed meanwhile."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from hitcast.ingest.collect.asking import Lines
from hitcast.ingest.collect.collecting import Logs
from hitcast.ingest.collect.rewriting import blank
from hitcast.ingest.progress import Say, step
from hitcast.running.log_files import COLLECTED, closed
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse


@dataclass
class Rounds:
    """What is gone through, and what was erased until now: `rows`, those of `feedback`, `lines`.

    Attributes:
        answers: Asks for the unit's lines.
        hashes: Its ids in the table.
        ids: Those of its predictions.
        seen: The segments that were gone through, of answers and of feedback.
    """

    lakehouse: Lakehouse
    logs: Logs
    answers: Lines
    hashes: Collection[str]
    ids: set[str] = field(default_factory=set)
    seen: tuple[list[Path], list[Path]] = ([], [])
    rows: int = 0
    feedback: int = 0
    lines: int = 0

    def erase(self, say: Say) -> int:
        """Erase what there is in tables and closed segments; returns the rows that went."""
        # Listed once: of what is closed after that no line goes before its id is known.
        self.seen = segments, others = (
            segments_in(self.logs.answers),
            segments_in(self.logs.feedback),
        )
        self.ids |= self.answers.ids_in(segments)
        with step("feedback", say) as done:
            feedback = _delete(self.lakehouse.feedback, "prediction_id", self.ids)
            lines = _blank(others, self._told())
            done(f"{feedback:,} rows, {lines:,} lines of segments")
        with step("inference_log", say) as done:
            own = _blank(segments, self.answers)
            rows = _delete(self.lakehouse.inference_log, "unit", self.hashes)
            done(f"{rows:,} rows, {own:,} lines of segments")
        self.rows, self.feedback = self.rows + rows, self.feedback + feedback
        self.lines += lines + own
        return rows + feedback

    def vacuum(self, say: Say) -> None:
        """Remove the older versions of both tables."""
        with step("older versions", say) as done:
            tables = (self.lakehouse.inference_log, self.lakehouse.feedback)
            there = [table for table in tables if table.exists()]
            for table in there:
                table.vacuum(at_once=True)
            done(f"removed of {len(there)} tables")

    def missed(self) -> bool:
        """Whether segments were closed meanwhile."""
        now = (segments_in(self.logs.answers), segments_in(self.logs.feedback))
        return any(set(found) - set(seen) for found, seen in zip(now, self.seen, strict=True))

    def left(self) -> int:
        """The unit's lines in segments that were not gone through."""
        answers, feedback = self.seen
        found = self.answers.left_in(self.logs.answers, answers)
        return found + self._told().left_in(self.logs.feedback, feedback)

    def _told(self) -> Lines:
        return Lines("prediction_id", self.ids)


def _blank(paths: Collection[Path], wanted: Lines) -> int:
    """Take lines out of segments; out of those that were collected also torn ones."""
    return sum(blank(path, wanted, whole=path.parent.name == COLLECTED) for path in paths)


def segments_in(folder: Path) -> list[Path]:
    """The closed segments of a folder, waiting and collected."""
    return [*closed(folder), *closed(folder / COLLECTED)]


def ids_in(log: Table, units: Collection[str]) -> set[str]:
    """The ids of a unit's predictions."""
    if not log.exists():
        return set()
    rows = log.read()
    own = rows.where(rows["unit"].isin(sorted(units)) & rows["prediction_id"].isNotNull())
    return {row["prediction_id"] for row in own.select("prediction_id").distinct().collect()}


def _delete(table: Table, column: str, values: Collection[str]) -> int:
    """Delete the rows that have one of these values; nothing is committed where none has."""
    if not values or not table.exists():
        return 0
    wanted = table.spark.createDataFrame([(value,) for value in sorted(values)], f"{column} string")
    if table.read().join(wanted, column, "left_semi").isEmpty():
        return 0
    return table.delete_matching(wanted, f"held.{column} = incoming.{column}")
