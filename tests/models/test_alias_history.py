"""The table of moves on Delta: rows, and which of two promotions at once is made."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.models.alias_history import NAME, AliasHistory
from hitcast.models.claims import Row
from hitcast.models.moves import Move
from hitcast.tables.delta import Table

pytestmark = [pytest.mark.spark, pytest.mark.sessions]


class FakeRegistry:
    """Says which version is in production, and nothing else."""

    def __init__(self, production: int | None) -> None:
        self.production = production

    def aliases(self) -> dict[str, int]:
        """Production alone."""
        return {} if self.production is None else {"production": self.production}

    def versions(self) -> list[Any]:
        """None that is known."""
        return []


def move(before: int | None, after: int, **more: Any) -> Move:
    """A promotion."""
    return Move("production", before, after, "promoted", "better", "tests", **more)


def test_of_two_that_add_the_same_row_at_once_one_does(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(spark, NAME, str(tmp_path / NAME))
    history = AliasHistory(table, "spotify")
    assert (list(history.rows()), history.standing()) == ([], 0)
    registry: Any = FakeRegistry(None)
    first, second = move(None, 1, figures={"gain": 0.5}), move(None, 2)
    assert history.claim(registry, first, 0) == ""
    read = AliasHistory.rows
    stale: Iterator[list[Row]] = iter([[]])

    def late(self: AliasHistory) -> Sequence[Row]:
        """What the second had read before the first wrote."""
        found = next(stale, None)
        return read(self) if found is None else found

    with monkeypatch.context() as patched:
        patched.setattr(AliasHistory, "rows", late)
        lost = history.claim(registry, second, 0)
    assert lost.startswith("version 1 is going to production (tests)")
    (row,) = history.rows()
    assert (row["number"], row["to_version"], dict(row["figures"])) == (1, 1, {"gain": 0.5})
    assert str(row["at"]).startswith(first.at[:10])

    history.add(second)
    history.add(second)
    assert [(r["number"], r["to_version"]) for r in history.rows()] == [(1, 1), (2, 2)]
    assert history.claim(FakeRegistry(9), move(1, 3), 2) == (  # type: ignore[arg-type]
        "version 9 went to production meanwhile"
    )
    other = AliasHistory(table, "another")
    assert other.claim(registry, move(None, 7), 0) == "", "of two models each has its own rows"
    assert [(r["number"], r["to_version"]) for r in other.rows()] == [(1, 7)]
    assert history.standing() == 2
