from collections.abc import Sequence
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from hitcast.errors import GeneratedRowsError
from hitcast.ingest.guard import keep_apart
from hitcast.ingest.properties import properties
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import TABLES

pytestmark = pytest.mark.spark


def extract_of(*, generated: bool) -> Extract:
    def never(_: SparkSession) -> DataFrame:
        raise AssertionError("a refused extract is not read")

    return Extract("csv", "books.csv", "0", generated, Layout("csv"), never)


def make(lakehouse: Lakehouse, names: Sequence[str], *, generated: bool) -> None:
    for name in names:
        nothing = lakehouse.spark.createDataFrame([], "id string")
        lakehouse.table(name).create(nothing, properties(generated, {}))


def present(lakehouse: Lakehouse) -> list[str]:
    return [name for name in TABLES if lakehouse.table(name).exists()]


def test_real_rows_are_kept_from_generated_tables_naming_the_flag(lakehouse: Lakehouse) -> None:
    make(lakehouse, ["gold"], generated=True)
    with pytest.raises(GeneratedRowsError, match="add --replace-generated to drop them"):
        keep_apart(lakehouse, extract_of(generated=False), replace_generated=False)
    assert present(lakehouse) == ["gold"]
    keep_apart(lakehouse, extract_of(generated=True), replace_generated=False)
    assert present(lakehouse) == ["gold"]


def test_replacing_drops_every_generated_table_and_no_real_one(lakehouse: Lakehouse) -> None:
    make(lakehouse, ["bronze", "silver"], generated=True)
    keep_apart(lakehouse, extract_of(generated=False), replace_generated=True)
    assert present(lakehouse) == []
    assert list(Path(lakehouse.where).iterdir()) == []
    make(lakehouse, ["bronze"], generated=False)
    keep_apart(lakehouse, extract_of(generated=False), replace_generated=True)
    assert present(lakehouse) == ["bronze"], "killed after bronze and run again"


def test_generated_rows_are_always_kept_from_real_tables(lakehouse: Lakehouse) -> None:
    make(lakehouse, ["bronze"], generated=False)
    for replace in (False, True):
        with pytest.raises(GeneratedRowsError, match="another folder with --home"):
            keep_apart(lakehouse, extract_of(generated=True), replace_generated=replace)
    assert present(lakehouse) == ["bronze"]
