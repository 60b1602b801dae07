"""Ingests after something has changed: the rules, the declared columns, the order of extracts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.errors import LakehouseError, SourceError
from hitcast.ingest import IngestCounts, ingest, ingest_again
from hitcast.ingest.gold import name_of
from hitcast.ingest.properties import properties
from hitcast.sources.csv import csv_extract
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import HEADER, balances, book, versions, write_lines

FIRST, BETWEEN, LATER = date(2024, 5, 1), date(2024, 5, 5), date(2024, 5, 10)
ISBN = Column(name="isbn", role="identity", type="integer", meaning="its number")

pytestmark = [pytest.mark.spark, pytest.mark.sessions]


@dataclass(frozen=True)
class Step:
    """What an ingest told and left."""

    counts: IngestCounts
    told: Sequence[str]
    versions: dict[str, int | None]


class Story:
    """Ingests into the same tables, one after the other."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.lakehouse = Lakehouse(spark, folder / "lakehouse", "books")
        self.folder = folder
        self.steps: dict[str, Step] = {}

    def take(self, name: str, use_case: UseCase, file: str | None, day: date | None = None) -> None:
        """Ingest a file, or bronze again."""
        told: list[str] = []
        if file is None:
            counts = ingest_again(use_case, self.lakehouse, say=told.append)
        else:
            extract = csv_extract(self.folder / file, use_case)
            counts = ingest(use_case, self.lakehouse, extract, day, say=told.append)
        assert balances(counts)
        self.steps[name] = Step(counts, told, versions(self.lakehouse))

    def rows(self, table: str, step: str) -> dict[str, Any]:
        """A table's rows after a step, by their key."""
        version = self.steps[step].versions[table]
        rows = self.lakehouse.table(table).read(version).collect()
        return {row["id"]: row.asDict() for row in rows}


def changed(books: UseCase, name: str, **changes: float) -> UseCase:
    """The books with other rules for one column."""
    columns = tuple(c.model_copy(update=changes) if c.name == name else c for c in books.columns)
    return books.model_copy(update={"columns": columns})


@pytest.fixture(scope="module")
def strict(books: UseCase) -> UseCase:
    """The books by rules that take back what was good: the third book has 103 pages."""
    return changed(books, "pages", minimum=104.0, maximum=200.0)


@pytest.fixture(scope="module")
def story(
    spark: SparkSession, books: UseCase, strict: UseCase, tmp_path_factory: pytest.TempPathFactory
) -> Story:
    told = Story(spark, tmp_path_factory.mktemp("again"))
    lines = [book(1, title="a") + ",11", book(3) + ",33.0", book(9, pages="150") + ",x"]
    write_lines(told.folder / "first.csv", lines, HEADER + ",isbn")
    between = [book(1, title="b"), book(5, pages="180"), book(3, pages="170", title="old")]
    write_lines(told.folder / "between.csv", between)
    told.take("first", books, "first.csv", FIRST)
    told.take("shown again", books, "first.csv", LATER)
    told.take("late", books, "between.csv", BETWEEN)
    told.take("undated", books, "between.csv")
    told.take("stricter", strict, "between.csv")
    with_isbn = books.model_copy(update={"columns": (*books.columns, ISBN)})
    told.take("from bronze", with_isbn, None)
    return told


@pytest.mark.slow
def test_a_late_extract_changes_nothing_that_a_newer_one_showed(story: Story) -> None:
    """Days 1, 10 and 5 with values a, a and b: day 10 showed a."""
    assert story.steps["shown again"].versions == story.steps["first"].versions
    counts = story.steps["late"].counts
    assert (counts.inserted, counts.updated, counts.unchanged) == (1, 0, 2)
    for table in ("silver", "gold"):
        rows = story.rows(table, "late")
        found = {key: (row["title"], row["extraction_date"]) for key, row in rows.items()}
        assert found == {
            "b1": ("a", LATER),  # On day 5 it was b.
            "b3": ("title 3", LATER),
            "b9": ("title 9", FIRST),  # Day 5 had no such key.
            "b5": ("title 5", BETWEEN),
        }


@pytest.mark.slow
def test_the_day_of_a_content_is_remembered(story: Story) -> None:
    step = story.steps["undated"]
    assert step.versions == story.steps["late"].versions
    assert step.counts.unchanged == 3


@pytest.mark.slow
def test_tightened_rules_take_rows_back(story: Story) -> None:
    step = story.steps["stricter"]
    assert step.counts.quarantined == 1, "the first book has 101 pages"
    for table in ("silver", "gold"):
        rows = story.rows(table, "stricter")
        found = {key: (row["title"], row["extraction_date"]) for key, row in rows.items()}
        assert found == {
            "b3": ("old", BETWEEN),  # The newest line that is good now.
            "b5": ("title 5", BETWEEN),
            "b9": ("title 9", FIRST),
        }
        before = story.steps["undated"].versions[table]
        assert before is not None
        assert step.versions[table] == before + 1, "one commit"
    bad = story.lakehouse.quarantine.read(step.versions["quarantine"]).collect()
    assert sorted((row["id"], row["source_file"].split("/")[-1]) for row in bad) == [
        ("b1", "between.csv"), ("b1", "first.csv"), ("b3", "first.csv")
    ]  # fmt: skip
    assert any("1 taken back" in words for words in step.told)


@pytest.mark.slow
def test_a_column_declared_later_comes_from_bronze(story: Story) -> None:
    step = story.steps["from bronze"]
    assert step.versions["bronze"] == story.steps["late"].versions["bronze"]
    assert (step.counts.rows_read, step.counts.quarantined, step.counts.duplicates) == (6, 1, 2)
    for table in ("silver", "gold"):
        rows = story.rows(table, "from bronze")
        assert {key: row["isbn"] for key, row in rows.items()} == {"b1": 11, "b3": 33, "b5": None}
    assert story.rows("gold", "from bronze")["b1"]["title"] == "a"
    bad = story.lakehouse.quarantine.read().collect()
    assert [(row["id"], row["isbn"], row["reasons"]) for row in bad] == [
        ("b9", "x", ["isbn: expected whole number, got 'x'"])
    ]


@pytest.mark.slow
def test_commits_say_what_they_brought_in(story: Story) -> None:
    silver = story.lakehouse.silver
    notes = [row["userMetadata"] for row in silver.history().collect()]
    assert all('"rules": ' in note and '"bronze": ' in note for note in notes)
    assert len({note.split('"rules": ')[1][:18] for note in notes}) == 3
    assert story.lakehouse.gold.note() == name_of(silver)


def test_bronze_of_the_old_form_is_refused_with_what_to_do(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    old = "source_checksum string, line_id long, raw_line binary, is_good boolean, rules string, "
    old += "source_file string, ingested_at timestamp"
    lakehouse.bronze.create(lakehouse.spark.createDataFrame([], old), properties(False, {}))
    extract = csv_extract(write_lines(tmp_path / "b.csv", [book(1)]), books)
    with pytest.raises(LakehouseError, match=r"ingest the files again into another --home"):
        ingest(books, lakehouse, extract)
    with pytest.raises(LakehouseError, match=r"as it came"):
        ingest_again(books, lakehouse)
    assert not lakehouse.silver.exists()


def test_bronze_that_is_not_there_can_not_be_ingested_again(
    lakehouse: Lakehouse, books: UseCase
) -> None:
    with pytest.raises(SourceError, match="found none; name a file to ingest"):
        ingest_again(books, lakehouse)
