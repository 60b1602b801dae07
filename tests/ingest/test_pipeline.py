from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from chispa import assert_df_equality
from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import LakehouseError
from hitcast.exploring.table.missing import count_lines
from hitcast.ingest import IngestCounts, ingest
from hitcast.sources.csv import csv_extract
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import TABLES, balances, book, contents, versions, write_lines

DAY = date(2024, 5, 1)
LATER = date(2024, 6, 1)
EARLIER = date(2024, 4, 1)
Ingest = Callable[..., IngestCounts]

pytestmark = pytest.mark.spark


@pytest.fixture
def bring(lakehouse: Lakehouse, books: UseCase, tmp_path: Path) -> Ingest:
    """Write lines to a file and ingest it."""

    def write_and_ingest(lines: list[str | bytes], day: date = DAY) -> IngestCounts:
        extract = csv_extract(write_lines(tmp_path / "books.csv", lines), books)
        return ingest(books, lakehouse, extract, day)

    return write_and_ingest


@dataclass(frozen=True)
class Step:
    """What an ingest told, and the tables' versions after it."""

    counts: IngestCounts
    versions: dict[str, int | None]


@dataclass(frozen=True)
class Story:
    """One extract after the other; tests look at what each left in the tables."""

    lakehouse: Lakehouse
    first: Step
    note: str | None
    again: Sequence[Step]
    changed: Step
    older: Step

    def rows(self, table: str, step: Step) -> DataFrame:
        """A table as it stood after a step."""
        return self.lakehouse.table(table).read(step.versions[table])


@pytest.fixture(scope="module")
def story(spark: SparkSession, books: UseCase, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    lakehouse = Lakehouse(spark, folder / "lakehouse", "books")
    # As a run that was killed while it made each of the tables leaves them.
    for name in TABLES:
        (lakehouse.root / lakehouse.use_case / name / "_delta_log").mkdir(parents=True)
        (lakehouse.root / lakehouse.use_case / name / "part-0.parquet").touch()

    def bring(lines: Sequence[str | bytes], day: date) -> Step:
        extract = csv_extract(write_lines(folder / "books.csv", lines), books)
        return Step(ingest(books, lakehouse, extract, day), versions(lakehouse))

    newer, wrong = book(1, title="newer"), book(1, title="newest", score="bad")
    lines = [book(1), "", book(2, pages="7", price=""), book(3), newer, wrong, "1,2"]
    first, note = bring(lines, DAY), lakehouse.gold.note()
    again = [bring(lines, day) for day in (DAY, LATER)]
    # A hash that passes over nulls would not see that a value moved from one column to another.
    changed = bring([newer, book(2, pages="", price="7"), book(4)], LATER)
    older = bring([book(1, title="old"), book(5)], EARLIER)
    return Story(lakehouse, first, note, again, changed, older)


@pytest.mark.sessions
def test_a_first_extract_fills_all_four_tables(spark: SparkSession, story: Story) -> None:
    assert story.first.counts == IngestCounts(
        rows_read=6, inserted=3, updated=0, unchanged=0, duplicates=1, quarantined=2,
        table_version=0,
    )  # fmt: skip
    expected = spark.createDataFrame(
        [
            ("b1", "author 1", "newer", 1, 101, 0.5, 9.99, DAY),
            ("b2", "author 2", "title 2", 2, 7, 0.5, None, DAY),
            ("b3", "author 3", "title 3", 3, 103, 0.5, 9.99, DAY),
        ],
        "id string, author string, title string, score int, pages int, weight double, "
        "price double, extraction_date date",
    )
    assert_df_equality(story.rows("gold", story.first), expected, ignore_row_order=True)
    assert_df_equality(
        story.rows("silver", story.first).drop("source_checksum", "line_id", "ingested_at"),
        expected,
        ignore_row_order=True,
    )
    assert story.rows("bronze", story.first).count() == 7, "with the blank one"
    bad = story.rows("quarantine", story.first).orderBy("line_id").collect()
    assert [row["reasons"] for row in bad] == [
        ["score: expected whole number between 0 and 100 points, got 'bad'"],
        ["line: expected 8 fields, got 2"],
    ]
    assert bytes(bad[1]["raw_line"]) == b"1,2"
    assert [row["line_number"] for row in bad] == [7, 8], "as an editor shows them"
    assert (story.note or "").startswith("silver version 0 (")
    lakehouse = story.lakehouse
    assert [lakehouse.table(n).properties()[GENERATED] for n in TABLES] == ["false"] * 4
    kept = lakehouse.gold.properties()
    assert kept["delta.logRetentionDuration"] == "interval 365 days"
    assert kept["delta.deletedFileRetentionDuration"] == "interval 365 days"


@pytest.mark.sessions
def test_what_a_run_killed_while_making_a_table_left_is_no_hindrance(story: Story) -> None:
    assert story.first.counts.inserted == 3
    places = [Path(story.lakehouse.table(name).place) for name in TABLES]
    assert not any((place / "part-0.parquet").exists() for place in places)


@pytest.mark.sessions
def test_a_rerun_changes_nothing_on_whatever_day(story: Story) -> None:
    for step in story.again:
        counts = step.counts
        assert (counts.inserted, counts.updated) == (0, 0)
        assert counts.unchanged == story.first.counts.inserted
        assert (counts.duplicates, counts.quarantined) == (1, 2)
        assert balances(counts)
        assert step.versions == story.first.versions


@pytest.mark.sessions
def test_a_changed_extract_updates_what_differs_and_adds_what_is_new(story: Story) -> None:
    assert story.changed.counts == IngestCounts(
        rows_read=3, inserted=1, updated=1, unchanged=1, duplicates=0, quarantined=0,
        table_version=1,
    )  # fmt: skip
    gold = {row["id"]: row for row in story.rows("gold", story.changed).collect()}
    assert {key: row["extraction_date"] for key, row in gold.items()} == {
        "b1": DAY, "b2": LATER, "b3": DAY, "b4": LATER
    }  # fmt: skip
    assert (gold["b2"]["pages"], gold["b2"]["price"]) == (None, 7.0)
    assert story.lakehouse.gold.read(version=0).count() == 3
    for name in TABLES:
        rows = story.lakehouse.table(name).read()
        arrow = DeltaTable(story.lakehouse.table(name).place).to_pyarrow_table()
        assert (arrow.num_rows, arrow.column_names) == (rows.count(), rows.columns)


def test_a_blank_line_is_in_bronze_and_in_no_count(story: Story) -> None:
    assert story.rows("bronze", story.older).count() == 7 + 3 + 2
    assert count_lines(story.lakehouse)["read"] == 6 + 3 + 2


@pytest.mark.sessions
def test_an_older_extract_adds_new_keys_and_overwrites_nothing(story: Story) -> None:
    counts = story.older.counts
    assert (counts.inserted, counts.updated, counts.unchanged) == (1, 0, 1)
    found = {row["id"]: row["title"] for row in story.rows("gold", story.older).collect()}
    assert found == {"b1": "newer", **{f"b{n}": f"title {n}" for n in (2, 3, 4, 5)}}


@pytest.mark.slow
def test_tables_without_rows_are_filled_and_quarantine_follows_rules_and_files(
    bring: Ingest, lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    counts = bring(["1,2", b"\xff", book(1, id="")])
    assert (counts.rows_read, counts.quarantined, counts.inserted) == (3, 3, 0)
    assert lakehouse.gold.read().count() == 0
    mixed = [book(1), book(2, weight="9"), book(3, weight="x")]
    assert bring(mixed).inserted == 1
    assert bring([book(1, title="other")]).updated == 1
    assert bring(mixed).updated == 1, "a content that comes back on the same day"
    assert lakehouse.quarantine.read().count() == 5
    kinder = tuple(
        c.model_copy(update={"maximum": 10.0}) if c.name == "weight" else c for c in books.columns
    )
    extract = csv_extract(tmp_path / "books.csv", books)
    counts = ingest(books.model_copy(update={"columns": kinder}), lakehouse, extract, DAY)
    assert (counts.inserted, counts.unchanged, counts.quarantined) == (1, 1, 1)
    bad = lakehouse.quarantine.read().where("id IS NOT NULL AND id != ''").collect()
    assert [row["reasons"] for row in bad] == [
        ["weight: expected number between 0 and 10 kg, got 'x'"]
    ]


def test_a_run_that_breaks_off_between_two_steps_is_completed_by_the_next(
    bring: Ingest, lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [book(1), book(2, score="x"), book(1, title="last")]

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    # Each gets as far as the next of its steps, upon what those before it have left.
    there = []
    for broken in (
        "pipeline.record", "steps.keep_bad_lines", "steps.bring_silver", "run.sync_gold"
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(f"hitcast.ingest.{broken}", stop)
            with pytest.raises(KeyboardInterrupt):
                bring(lines)
        there.append([name for name, version in versions(lakehouse).items() if version == 0])
    assert there == [["bronze"], ["bronze"], ["bronze", "quarantine"], list(TABLES)]
    assert bring(lines).rows_read == 3
    found = contents(lakehouse)
    assert [len(found[name]) for name in TABLES] == [3, 1, 1, 1]


def test_two_runs_at_once_do_not_happen(bring: Ingest, lakehouse: Lakehouse) -> None:
    with lakehouse.alone(), pytest.raises(LakehouseError, match="run again when it has ended"):
        bring([book(1)])
