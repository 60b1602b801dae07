"""Tables that somebody has put back, dropped or tidied up: the next ingest sees it and mends."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.sections import Gate, Gates, Source
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GateError
from hitcast.ingest import IngestCounts, changes, ingest, ingest_again, pipeline
from hitcast.ingest.quality import Record
from hitcast.ingest.showings import Showing
from hitcast.sources.csv import csv_extract
from hitcast.sources.layout import Layout
from hitcast.tables.commit_log import CommitLog
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import balances, book, versions, write_lines

DAYS = [date(2024, 5, day) for day in range(1, 10)]
Bring = Callable[..., IngestCounts]

pytestmark = pytest.mark.spark


@pytest.fixture
def bring(lakehouse: Lakehouse, books: UseCase, tmp_path: Path) -> Bring:
    """Ingest a file of some books, as that of a day."""

    def write_and_ingest(*numbers: int, day: int = 1, title: str = "") -> IngestCounts:
        path = tmp_path / f"{'-'.join(map(str, numbers))}.csv"
        lines = [book(n, title=title or f"day {day}") for n in numbers]
        counts = ingest(books, lakehouse, csv_extract(write_lines(path, lines), books), DAYS[day])
        assert balances(counts)
        return counts

    return write_and_ingest


def titles(table: Table) -> Mapping[str, str]:
    return {row["id"]: row["title"] for row in table.read().collect()}


def sql(table: Table, statement: str) -> None:
    table.spark.sql(statement.format(f"delta.`{table.place}`"))


def test_lines_that_were_taken_out_of_bronze_leave_all_tables_and_may_come_again(
    lakehouse: Lakehouse, bring: Bring
) -> None:
    bring(1, 2)
    bring(3, day=2)
    sql(lakehouse.bronze, "DELETE FROM {} WHERE source_file LIKE '%3.csv'")
    bring(1, 2)
    expected = {"b1": "day 1", "b2": "day 1"}
    assert titles(lakehouse.silver) == titles(lakehouse.gold) == expected
    bring(3, day=2)
    assert titles(lakehouse.silver) == titles(lakehouse.gold) == expected | {"b3": "day 2"}
    assert lakehouse.bronze.read().count() == 3


@pytest.mark.nightly
def test_files_that_are_tidied_up_change_nothing(lakehouse: Lakehouse, bring: Bring) -> None:
    bring(1, 2)
    bring(3, day=2)
    sql(lakehouse.silver, "OPTIMIZE {}")
    for table in (lakehouse.bronze, lakehouse.silver, lakehouse.gold):
        sql(table, "ALTER TABLE {} SET TBLPROPERTIES (team = 'x')")
    before = versions(lakehouse)
    assert bring(3, day=2).unchanged == 1
    assert versions(lakehouse) == before
    # By the usual path: no commit but those of the new lines.
    assert bring(4, day=3).inserted == 1
    assert next(CommitLog(lakehouse.silver.place).newest_first()).operation == "WRITE"


@pytest.mark.nightly
def test_a_silver_that_outlasted_its_bronze_is_not_taken_for_the_new_ones(
    lakehouse: Lakehouse, bring: Bring
) -> None:
    bring(1)
    shutil.rmtree(lakehouse.bronze.place)
    assert bring(2, day=2).inserted == 1
    assert titles(lakehouse.silver) == titles(lakehouse.gold) == {"b2": "day 2"}


@pytest.mark.nightly
def test_a_gold_is_not_taken_for_one_of_another_silver(
    lakehouse: Lakehouse, bring: Bring, tmp_path: Path
) -> None:
    bring(1)
    shutil.copytree(lakehouse.silver.place, tmp_path / "kept")
    bring(2, day=2)
    before = lakehouse.silver.version()
    shutil.rmtree(lakehouse.silver.place)
    shutil.copytree(tmp_path / "kept", lakehouse.silver.place)
    lakehouse.spark.catalog.clearCache()
    bring(3, day=3)
    assert lakehouse.silver.version() == before
    assert titles(lakehouse.gold) == {"b1": "day 1", "b2": "day 2", "b3": "day 3"}


@pytest.mark.nightly
def test_gold_gets_what_is_new_where_nothing_is_kept_in_memory(
    lakehouse: Lakehouse, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_it_is(rows: DataFrame) -> DataFrame:
        return rows

    monkeypatch.setattr(changes, "kept", as_it_is)
    for number in (1, 2, 3):
        bring(number, day=number)
    assert titles(lakehouse.gold) == {f"b{n}": f"day {n}" for n in (1, 2, 3)}


def test_of_files_that_are_read_in_another_way_nothing_stays_of_the_old_reading(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    latin = books.model_copy(update={"source": Source(encoding="latin-1")})
    polish = books.model_copy(update={"source": Source(encoding="cp1250")})
    paths = [
        write_lines(tmp_path / f"{n}.csv", [book(n), book(n + 5, title="\u0142").encode("cp1250")])
        for n in (1, 2)
    ]
    for use_case in (latin, polish):
        for path in paths:
            ingest(use_case, lakehouse, csv_extract(path, use_case), DAYS[1])
    assert titles(lakehouse.gold)["b7"] == titles(lakehouse.gold)["b6"] == "\u0142"


def test_lines_that_were_cut_in_one_way_are_not_split_in_another(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spanning = books.model_copy(update={"source": Source(multiline=True)})
    path = write_lines(tmp_path / "b.csv", [book(1, title='"two\nlines"'), book(2)])

    for first, second in ((books, spanning), (spanning, books)):
        with monkeypatch.context() as patched:
            patched.setattr(pipeline, "record", killed)
            with pytest.raises(KeyboardInterrupt):
                ingest(first, lakehouse, csv_extract(path, first), DAYS[1])
        counts = ingest(second, lakehouse, csv_extract(path, second), DAYS[1])
        assert (counts.rows_read, counts.quarantined) == ((2, 0) if second is spanning else (3, 2))
    assert ingest_again(books, lakehouse).quarantined == 2


def test_a_content_is_of_the_day_and_the_time_that_it_first_came(
    lakehouse: Lakehouse, bring: Bring
) -> None:
    bring(1, title="a")
    bring(2, day=2)
    first = {row["id"]: row["ingested_at"] for row in lakehouse.silver.read().collect()}
    sql(lakehouse.silver, "DELETE FROM {} WHERE id = 'b1'")
    bring(1, day=3, title="a")
    found = {row["id"]: row["ingested_at"] for row in lakehouse.silver.read().collect()}
    assert found == first


@pytest.mark.nightly
def test_lines_that_were_written_anew_beside_a_re_cut_file_are_not_lost(
    lakehouse: Lakehouse, books: UseCase, bring: Bring, tmp_path: Path
) -> None:
    bring(1)
    bring(2, day=2)
    sql(lakehouse.bronze, "OPTIMIZE {}")
    spanning = books.model_copy(update={"source": Source(multiline=True)})
    ingest(spanning, lakehouse, csv_extract(tmp_path / "1.csv", spanning), DAYS[1])
    expected = {"b1": "day 1", "b2": "day 2"}
    assert titles(lakehouse.silver) == titles(lakehouse.gold) == expected


def test_a_refused_reading_of_an_extract_does_not_change_how_it_was_let_in(
    lakehouse: Lakehouse, books: UseCase, bring: Bring, tmp_path: Path
) -> None:
    strict = books.model_copy(update={"gates": Gates(max_quarantined=Gate(limit=0.5))})
    bring(1)
    wrong = strict.model_copy(update={"source": Source(decimal=",")})
    with pytest.raises(GateError, match="is refused"):
        ingest(wrong, lakehouse, csv_extract(tmp_path / "1.csv", wrong), DAYS[1])
    assert ingest_again(strict, lakehouse).quarantined == 0
    assert titles(lakehouse.gold) == {"b1": "day 1"}


@pytest.mark.nightly
def test_in_a_folder_of_any_name_nothing_is_lost_by_others_changes(
    spark: SparkSession, books: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lakehouse = Lakehouse(spark, tmp_path / "run[1] {a}*", "books")
    paths = [write_lines(tmp_path / f"{n}.csv", [book(n), book(n, score="bad")]) for n in (1, 2)]

    def bring(path: Path, day: int) -> IngestCounts:
        return ingest(books, lakehouse, csv_extract(path, books), DAYS[day])

    bring(paths[0], 1)
    # A run that is killed behind bronze, whose lines somebody takes out: Delta remembers the write.
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            bring(paths[1], 2)
    sql(lakehouse.bronze, "DELETE FROM {} WHERE source_file LIKE '%2.csv'")
    sql(lakehouse.quarantine, "ALTER TABLE {} ADD COLUMNS (reviewed boolean)")
    assert bring(paths[1], 2).inserted == 1
    assert lakehouse.quarantine.read().count() == 2
    shutil.rmtree(lakehouse.quarantine.place)
    bring(paths[1], 2)
    assert lakehouse.quarantine.read().count() == 2
    assert set(titles(lakehouse.gold)) == {"b1", "b2"}


def test_a_verdict_is_not_that_of_another_showing_with_its_number() -> None:
    layout, now = Layout("csv"), datetime(2024, 5, 1, tzinfo=UTC)
    shown = Showing(1, "a", DAYS[1], now, "a.csv", layout)
    record = Record("passed", {}, "rules", 2, {"rules"}, ("a", DAYS[1]))
    assert record.is_of(shown)
    assert not record.is_of(replace(shown, checksum="b"))
    assert not record.is_of(replace(shown, day=DAYS[2]))


def killed(*_: object) -> None:
    """End a run as Ctrl-C does."""
    raise KeyboardInterrupt
