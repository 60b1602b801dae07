"""Whatever is brought in, in whatever order and by whatever rules: tables are as a model says."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest import ingest, ingest_again
from hitcast.ingest.extracts import Showing
from hitcast.ingest.newest import Resolution
from hitcast.sources.csv import csv_extract
from hitcast.sources.layout import Layout
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import balances, write_lines
from tests.ingest.histories import DAYS, LIMITS, Line, Model, Row, random_content

pytestmark = pytest.mark.spark

KEYS = 25
WRITES = ("create", "create_from", "append", "replace", "overwrite", "merge")
# A step: a content, or None for bronze alone; its day, if one is told; rules; the write before
# which the run is killed, and run again.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, 3, 0, 1, 2, 3, None]),
        st.sampled_from([*DAYS, None]),
        st.sampled_from([0, 0, 0, 1, 2]),
        st.sampled_from([None, None, 0, 1, 2, 3, 4]),
    ),
    min_size=2,
    max_size=6,
)
Step = tuple[int | None, date | None, int, int | None]


def books_up_to(books: UseCase, limit: int) -> UseCase:
    """The books by rules that let scores up to a limit pass."""
    columns = tuple(
        c.model_copy(update={"maximum": float(limit)}) if c.name == "score" else c
        for c in books.columns
    )
    return books.model_copy(update={"columns": columns})


def kill_before(patched: pytest.MonkeyPatch, number: int) -> None:
    """End a run before its write of that number, from 0."""
    left = [number]

    def dying(write: Callable[..., None]) -> Callable[..., None]:
        def write_or_die(table: Table, *given: Any, **more: Any) -> None:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            # Creating an empty table is one write, though it is made of two calls.
            with pytest.MonkeyPatch.context() as inner:
                inner.setattr(Table, "create_from", ORIGINAL)
                write(table, *given, **more)

        return write_or_die

    for name in WRITES:
        patched.setattr(Table, name, dying(getattr(Table, name)))


ORIGINAL = Table.create_from


class History:
    """Tables and the model beside them."""

    def __init__(
        self, lakehouse: Lakehouse, books: UseCase, contents: Sequence[Sequence[Line]]
    ) -> None:
        self.lakehouse, self.books = lakehouse, books
        self.model = Model(contents)
        lakehouse.root.mkdir(parents=True)
        self.paths = [
            write_lines(lakehouse.root / f"{n}.csv", [line.text() for line in lines])
            for n, lines in enumerate(contents)
        ]
        self.numbers = {csv_extract(p, books).checksum: n for n, p in enumerate(self.paths)}

    def take(self, step: Step) -> None:
        """Bring in what a step says, killed once if it says so, and compare."""
        content, day, rules, killed = step
        if content is None and not self.model.showings:
            return
        use_case = books_up_to(self.books, LIMITS[rules])
        today = datetime.now(UTC).date()

        def run() -> Any:
            if content is None:
                return ingest_again(use_case, self.lakehouse)
            extract = csv_extract(self.paths[content], use_case)
            return ingest(use_case, self.lakehouse, extract, day)

        if killed is not None:
            with pytest.MonkeyPatch.context() as patched:
                kill_before(patched, killed)
                with suppress(KeyboardInterrupt):
                    run()
        counts = run()
        assert balances(counts)
        if content is not None:
            self.model.show(content, day, today)
            lines = self.model.contents[content]
            assert counts.rows_read == len(lines)
            bad = [line for line in lines if not line.is_good(LIMITS[rules])]
            assert counts.quarantined == len(bad)
        self.compare(LIMITS[rules])

    def compare(self, limit: int) -> None:
        """Hold every table against the model, and each line of bronze against the others."""
        expected = self.model.silver(limit)
        found = {
            int(row["id"][1:]): (
                row["title"],
                row["score"],
                row["extraction_date"],
                (self.numbers[row["source_checksum"]], row["line_id"]),
            )
            for row in self.lakehouse.silver.read().collect()
        }
        assert found == {k: (r.title, r.score, r.day, r.line) for k, r in expected.items()}
        gold = self.lakehouse.gold.read().collect()
        assert len(gold) == len(expected)
        assert {int(row["id"][1:]): (row["title"], row["extraction_date"]) for row in gold} == {
            key: (row.title, row.day) for key, row in expected.items()
        }
        bad = {
            (self.numbers[row["source_checksum"]], row["line_id"]): row["extraction_date"]
            for row in self.lakehouse.quarantine.read().collect()
        }
        assert bad == self.model.quarantine(limit)
        bronze = self.lakehouse.bronze.read().select("source_checksum", "line_id").collect()
        lines = [(self.numbers[row[0]], row[1]) for row in bronze]
        contents = {content for content, _ in self.model.showings}
        assert sorted(lines) == [
            (content, place)
            for content in sorted(contents)
            for place in range(1, len(self.model.contents[content]) + 1)
        ]


def tell(spark: SparkSession, folder: Path, books: UseCase, seed: int, steps: list[Step]) -> None:
    contents = [random_content(seed + n, KEYS) for n in range(4)]
    lakehouse = Lakehouse(spark, folder / f"{len(list(folder.iterdir()))}", "books")
    history = History(lakehouse, books, contents)
    for step in steps:
        history.take(step)


@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 10_000),
    shown=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(DAYS)), min_size=5, max_size=8, unique=True
    ),
)
def test_the_newest_line_of_each_key_is_the_models(
    spark: SparkSession, books: UseCase, seed: int, shown: list[tuple[int, date]]
) -> None:
    model = Model([random_content(seed + n, 200) for n in range(4)], list(shown))
    now = datetime.now(UTC)
    showings = [
        Showing(n, str(c), day, now, "", Layout("csv")) for n, (c, day) in enumerate(shown, 1)
    ]
    rows = [
        (str(c), place, f"b{line.key}", line.title, line.score, line.is_good(60))
        for c in {c for c, _ in shown}
        for place, line in enumerate(model.contents[c], 1)
    ]
    named = (
        "source_checksum string, line_id long, id string, title string, score int, is_good boolean"
    )
    columns = tuple(c for c in books.columns if c.name in ("id", "title", "score"))
    use_case = books.model_copy(update={"columns": columns})
    lines = spark.createDataFrame(rows, named)
    found = Resolution(lines, showings, use_case, True).rows().collect()
    assert {
        int(row["id"][1:]): Row(
            row["title"],
            row["score"],
            row["extraction_date"],
            (int(row["source_checksum"]), row["line_id"]),
        )
        for row in found
    } == model.silver(60)
    assert len(found) == len(model.silver(60))


@pytest.mark.slow
@pytest.mark.sessions
def test_a_history_of_everything_at_once_ends_as_the_model_says(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    steps: list[Step] = [
        (0, DAYS[0], 0, 1),
        (1, DAYS[2], 0, None),
        (0, DAYS[3], 0, None),
        (2, DAYS[1], 1, 3),
        (0, None, 0, None),
    ]
    tell(spark, tmp_path, books, 1, steps)


@pytest.mark.nightly
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10_000), steps=STEPS)
def test_random_histories_end_as_the_model_says(
    spark: SparkSession, books: UseCase, tmp_path: Path, seed: int, steps: list[Step]
) -> None:
    tell(spark, tmp_path, books, seed, steps)
