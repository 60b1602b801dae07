"""Erasing one unit: its lines, and what was said of them, from segments, tables and old versions.

The unit's prediction ids lead to its feedback; so feedback goes first, and a run that is killed
leaves the next one what it needs to go on. No value that has to go stands in a statement, as tables
keep these in their logs.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitcast.errors import LakehouseError
from hitcast.ingest.collect.collecting import TABLES, Logs
from hitcast.ingest.collect.rewriting import blank, drop_partial, lines_in
from hitcast.ingest.collect.segments import held
from hitcast.ingest.progress import Say, silent, step
from hitcast.running.home import Home
from hitcast.running.log_files import COLLECTED, OPEN, SEGMENT, closed, delete_delivered
from hitcast.running.unit_ids import VARIABLE, hashed, known_key
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse

Line = dict[str, Any]


@dataclass(frozen=True)
class Erased:
    """What was erased, and what could not be.

    Attributes:
        inference_log: Rows of that table.
        feedback: Rows of that one.
        lines: Lines of segments.
        open: The unit's lines in segments that an API is writing, which stay.
    """

    inference_log: int
    feedback: int
    lines: int
    open: int


def erase(lakehouse: Lakehouse, home: Home, logs: Logs, unit: str, *, say: Say = silent) -> Erased:
    """Remove all lines of a unit, and the feedback on its predictions.

    Args:
        lakehouse: The use case's tables; those of others that the home holds stay as they are.
        home: Has the key of units.
        logs: Where the segments lie, of all use cases.
        unit: The unit's id as it was sent.
        say: Told of what is done and what is left.

    Raises:
        LakehouseError: if there is no key, others are at it, or files can't be written.
    """
    key = known_key(home)
    if key is None:
        raise LakehouseError(
            f"expected the key that the log's units were hashed with, found neither {VARIABLE} nor "
            f"{home.unit_key}; without it nobody can tell which lines are of this unit"
        )
    id = hashed(key, unit)
    answers = Lines("unit", {id}, {"unit_id": unit})
    with lakehouse.alone(TABLES), held(logs.answers), held(logs.feedback):
        for folder in (logs.answers, logs.feedback):
            # What was brought elsewhere has to be erased there.
            delete_delivered(folder)
            for place in (folder, folder / COLLECTED):
                drop_partial(place)
        ids = _ids_in(lakehouse.inference_log, id)
        ids |= answers.ids_in(_segments(logs.answers))
        told = Lines("prediction_id", ids)
        with step("feedback", say) as done:
            feedback = _delete(lakehouse.feedback, "prediction_id", ids)
            lines = sum(blank(path, told) for path in _segments(logs.feedback))
            done(f"{feedback:,} rows, {lines:,} lines of segments")
        with step("inference_log", say) as done:
            own = sum(blank(path, answers) for path in _segments(logs.answers))
            rows = _delete(lakehouse.inference_log, "unit", {id})
            done(f"{rows:,} rows, {own:,} lines of segments")
        with step("older versions", say) as done:
            tables = [t for t in (lakehouse.inference_log, lakehouse.feedback) if t.exists()]
            for table in tables:
                # Also where nothing was found: a run before this may have been killed here.
                table.vacuum(at_once=True)
            done(f"removed of {len(tables)} tables")
        still = answers.count_in(_open(logs.answers)) + told.count_in(_open(logs.feedback))
    found = Erased(rows, feedback, lines + own, still)
    if not any((rows, feedback, lines, own, still)):
        say("nothing of this unit was found")
    if still:
        say(
            f"note: {still} lines are in segments that an API is writing; erase again once these "
            "are closed: when it ends, or by HITCAST_LOG_SEGMENT_SECONDS"
        )
    return found


class Lines:
    """Lines of segments that are asked for by a field's value.

    Args:
        field: The field's name.
        values: The values that are asked for.
        older: Other fields and values, which older formats have.
    """

    def __init__(
        self, field: str, values: Collection[str], older: dict[str, str] | None = None
    ) -> None:
        self._field, self._values, self._older = field, values, older or {}

    def __call__(self, line: bytes) -> bool:
        """Whether a line is one of them."""
        return self._has(_object(line))

    def ids_in(self, paths: Collection[Path]) -> set[str]:
        """The prediction ids of those in some files."""
        found = (_object(line) for path in paths for line in lines_in(path))
        ids = {line.get("prediction_id") for line in found if self._has(line)}
        return {id for id in ids if isinstance(id, str)}

    def count_in(self, paths: Collection[Path]) -> int:
        """How many of them are in some files."""
        return sum(self(line) for path in paths for line in lines_in(path))

    def _has(self, line: Line) -> bool:
        value = line.get(self._field)
        if isinstance(value, str) and value in self._values:
            return True
        return any(line.get(name) == told for name, told in self._older.items())


def _object(line: bytes) -> Line:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _segments(folder: Path) -> list[Path]:
    return [*closed(folder), *closed(folder / COLLECTED)]


def _open(folder: Path) -> list[Path]:
    return list(folder.glob(f"*{SEGMENT}{OPEN}"))


def _ids_in(log: Table, unit: str) -> set[str]:
    """The ids of a unit's predictions."""
    if not log.exists():
        return set()
    rows = log.read()
    own = rows.where((rows["unit"] == unit) & rows["prediction_id"].isNotNull())
    return {row["prediction_id"] for row in own.select("prediction_id").distinct().collect()}


def _delete(table: Table, column: str, values: Collection[str]) -> int:
    """Delete the rows that have one of these values; nothing is committed where none has."""
    if not values or not table.exists():
        return 0
    wanted = table.spark.createDataFrame([(value,) for value in sorted(values)], f"{column} string")
    if table.read().join(wanted, column, "left_semi").isEmpty():
        return 0
    return table.delete_matching(wanted, f"held.{column} = incoming.{column}")
