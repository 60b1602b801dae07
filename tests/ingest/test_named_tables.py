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
from hitcast.sources.csv import csv_extract
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import TABLES, book, write_lines

DAY, LATER = date(2024, 5, 1), date(2024, 6, 1)
SCHEMA = "spark_catalog.hitcast_named"

pytestmark = pytest.mark.spark


@pytest.fixture
def named(spark: SparkSession, tmp_path: Path) -> Iterator[Lakehouse]:
    """Tables by name, in a schema that does not exist yet."""
    yield Lakehouse(spark, tmp_path / "locks", "books", SCHEMA)
    spark.sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def test_tables_by_name_hold_what_tables_in_a_folder_hold(
    named: Lakehouse, lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    first = [book(n) for n in range(5)] + [book(9, score="bad"), book(2, title="newer")]
    second = [book(1), book(3, price="1"), book(7)]
    for name, lines, day in (("1.csv", first, DAY), ("2.csv", second, LATER)):
        extract = csv_extract(write_lines(tmp_path / name, lines), books)
        assert ingest(books, named, extract, day) == ingest(books, lakehouse, extract, day)
    for place in (named, lakehouse):
        assert place.gold.version() == 1
    assert named.gold.place == f"{SCHEMA}.books_gold"
    for version in (0, 1):
        assert_df_equality(
            named.gold.read(version), lakehouse.gold.read(version), ignore_row_order=True
        )
    assert named.gold.note() == lakehouse.gold.note()
    assert [named.table(n).properties()[GENERATED] for n in TABLES] == ["false"] * 4


def test_a_rerun_changes_nothing(named: Lakehouse, books: UseCase, tmp_path: Path) -> None:
    extract = csv_extract(write_lines(tmp_path / "1.csv", [book(n) for n in range(5)]), books)
    ingest(books, named, extract, DAY)
    before = [named.table(name).version() for name in TABLES]
    again = ingest(books, named, extract, LATER)
    assert isinstance(again, IngestCounts)
    assert (again.inserted, again.unchanged) == (0, 5)
    assert [named.table(name).version() for name in TABLES] == before


def test_a_table_that_is_not_there_is_told_by_its_name(named: Lakehouse) -> None:
    with pytest.raises(SourceError, match=f"{SCHEMA}.books_gold"):
        named.gold.read()


def test_a_dropped_table_is_gone_and_can_be_made_again(
    named: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    extract = csv_extract(write_lines(tmp_path / "1.csv", [book(1)]), books)
    ingest(books, named, extract, DAY)
    for name in TABLES:
        named.table(name).drop()
        assert not named.table(name).exists()
    ingest(books, named, extract, DAY)
    assert named.gold.version() == 0
