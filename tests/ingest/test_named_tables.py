"""The same ingest into a catalog's schema: what a platform with Unity Catalog has."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest import IngestCounts, ingest
from hitcast.ingest.properties import properties
from hitcast.sources.csv import csv_extract
from hitcast.sources.extract import Extract
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import TABLES, book, write_lines

DAY, LATER = date(2024, 5, 1), date(2024, 6, 1)
SCHEMA = "spark_catalog.hitcast_named"

pytestmark = [pytest.mark.spark, pytest.mark.sessions]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where extracts lie."""
    return tmp_path_factory.mktemp("extracts")


@pytest.fixture(scope="module")
def named(spark: SparkSession, folder: Path) -> Iterator[Lakehouse]:
    """Tables by name, in a schema that does not exist yet."""
    yield Lakehouse(spark, folder / "locks", "books", SCHEMA)
    spark.sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


@pytest.fixture(scope="module")
def extracts(books: UseCase, folder: Path) -> list[Extract]:
    """A first extract, and a second with a changed and a new line."""
    first = [book(n) for n in range(5)] + [book(9, score="bad"), book(2, title="newer")]
    second = [book(1), book(3, price="1"), book(7)]
    files = [write_lines(folder / f"{n}.csv", lines) for n, lines in enumerate((first, second))]
    return [csv_extract(path, books) for path in files]


@pytest.fixture(scope="module")
def filled(named: Lakehouse, books: UseCase, extracts: list[Extract]) -> list[IngestCounts]:
    """What the two ingests into the tables by name told."""
    days = (DAY, LATER)
    return [ingest(books, named, e, day) for e, day in zip(extracts, days, strict=True)]


def test_tables_by_name_hold_what_tables_in_a_folder_hold(
    named: Lakehouse,
    lakehouse: Lakehouse,
    books: UseCase,
    extracts: list[Extract],
    filled: list[IngestCounts],
) -> None:
    for extract, counts, day in zip(extracts, filled, (DAY, LATER), strict=True):
        assert counts == ingest(books, lakehouse, extract, day)
    for place in (named, lakehouse):
        assert place.gold.version() == 1
    assert named.gold.place == f"{SCHEMA}.books_gold"
    for version in (0, 1):
        assert_df_equality(
            named.gold.read(version), lakehouse.gold.read(version), ignore_row_order=True
        )
    # Behind that they say which silver it was.
    notes = [(place.gold.note() or "").split(" (")[0] for place in (named, lakehouse)]
    assert notes == ["silver version 1"] * 2
    assert [named.table(n).properties()[GENERATED] for n in TABLES] == ["false"] * 4


@pytest.mark.usefixtures("filled")
def test_a_rerun_changes_nothing(named: Lakehouse, books: UseCase, extracts: list[Extract]) -> None:
    before = [named.table(name).version() for name in TABLES]
    again = ingest(books, named, extracts[1], LATER)
    assert isinstance(again, IngestCounts)
    assert (again.inserted, again.unchanged) == (0, 3)
    assert [named.table(name).version() for name in TABLES] == before


def test_a_table_that_is_not_there_is_told_by_its_name(spark: SparkSession, folder: Path) -> None:
    nowhere = Lakehouse(spark, folder / "locks", "books", f"{SCHEMA}_nowhere")
    with pytest.raises(SourceError, match=f"{SCHEMA}_nowhere.books_gold"):
        nowhere.gold.read()


# The last of them: it drops what the others read.
@pytest.mark.usefixtures("filled")
def test_a_dropped_table_is_gone_and_can_be_made_again(named: Lakehouse) -> None:
    for name in TABLES:
        named.table(name).drop()
        assert not named.table(name).exists()
    named.gold.create_from(named.spark.range(1), properties(generated=False, more={}), note="again")
    assert (named.gold.version(), named.gold.note()) == (0, "again")
