"""Rows that another job was faster to add, and rows that can't be added; without Spark."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from pyspark.errors import PySparkException

from hitcast.models.alias_history import AliasHistory
from hitcast.models.claims import Row
from hitcast.models.moves import Move
from hitcast.tables.history import changed_last

CONFLICT = RuntimeError(
    "An error occurred while calling o99.save.\n: io.delta.exceptions."
    "ConcurrentTransactionException: another one was faster"
)
"""As py4j words it in a classic session, where it is none of PySpark's errors."""


class Told(AliasHistory):
    """Rows as they are, where Spark would have a frame."""

    def _frame(self, row: Row) -> Any:
        return {**row, "at": datetime.fromisoformat(row["at"])}


@dataclass
class FakeTable:
    """A table that refuses what it is told to.

    Attributes:
        there: Whether it exists.
        held: Its rows.
        errors: What the next writes end with, and the row that was written meanwhile.
    """

    there: bool = True
    held: list[Any] = field(default_factory=list)
    errors: list[tuple[Exception, Any]] = field(default_factory=list)
    place: str = "here"

    def exists(self) -> bool:
        """Whether it exists."""
        return self.there

    def rows(self) -> list[Any]:
        """Its rows."""
        return self.held

    def create(self, *_: Any) -> None:
        """Create it, unless it exists."""
        if not self.there:
            self._write()
            self.there = True

    def append(self, row: Any, **_: Any) -> None:
        """Add a row."""
        self._write()
        self.held.append(row)

    def _write(self) -> None:
        if self.errors:
            error, meanwhile = self.errors.pop(0)
            if meanwhile is not None:
                self.there = True
                self.held.append(meanwhile)
            raise error


class Registry:
    """A registry of nothing."""

    def aliases(self) -> dict[str, int]:
        """None."""
        return {}

    def versions(self) -> list[Any]:
        """None."""
        return []


def claimed(table: Any, to: int = 1) -> str:
    """What is told of a version that is to go to production as the first."""
    move = Move("production", None, to, "promoted", "better", "tests")
    nothing: Any = Registry()
    return Told(table, "model").claim(nothing, move, 0)


def of_another() -> Any:
    """The row of another job, which takes version 2 there."""
    table = FakeTable()
    assert claimed(table, 2) == ""
    return table.held[0]


@pytest.mark.parametrize("there", [True, False])
def test_a_promotion_that_delta_refuses_as_another_was_faster_is_outdone(there: bool) -> None:  # noqa: FBT001
    table = FakeTable(there, errors=[(CONFLICT, of_another())])
    assert claimed(table) == "version 2 is going to production (tests)"
    assert [row["to_version"] for row in table.held] == [2]


def test_a_commit_that_came_between_and_is_no_promotion_is_in_nobodys_way() -> None:
    table = FakeTable(errors=[(CONFLICT, None)])
    assert claimed(table) == ""
    assert [row["to_version"] for row in table.held] == [1]


@pytest.mark.parametrize("there", [True, False])
def test_who_may_not_write_hears_what_spark_said(there: bool) -> None:  # noqa: FBT001
    refused = PySparkException("no right to do that")
    table = FakeTable(there, errors=[(refused, None)])
    with pytest.raises(PySparkException, match="no right to do that"):
        claimed(table)
    assert (table.there, table.held) == (there, [])
    with pytest.raises(ZeroDivisionError):
        claimed(FakeTable(there, errors=[(ZeroDivisionError(), of_another())]))


def test_models_that_share_the_table_are_in_nobodys_way() -> None:
    other = {**of_another(), "model": "another"}
    table = FakeTable(held=[other])
    assert claimed(table) == ""
    assert [(row["model"], row["number"]) for row in table.held] == [("another", 1), ("model", 1)]


def test_commits_that_tidy_up_leave_the_data_the_same() -> None:
    known = {0: "CREATE TABLE AS SELECT", 1: "OPTIMIZE", 2: "MERGE", 3: "OPTIMIZE", 4: None}
    assert [changed_last(known, version) for version in range(5)] == [0, 0, 2, 2, 2]
    del known[2]
    assert changed_last(known, 4) == 2, "nobody knows what it did"
