from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest import IngestCounts, ingest, ingest_each, tell_days
from hitcast.ingest.checks import rules_of
from hitcast.ingest.extracts import read_log, record
from hitcast.ingest.showings import Log, Showing
from hitcast.sources.extract import Extract
from hitcast.sources.formats import file_extract, file_extracts
from hitcast.sources.layout import Layout, layout_of
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import HEADER, balances, book, versions, write_lines
from tests.sources.samples import declared

DAY = date(2024, 5, 1)


def log_of(*checksums: str, day: date = DAY) -> Log:
    told = datetime(2024, 5, 1, tzinfo=UTC)
    showings = [
        Showing(number, checksum, day, told, "f", Layout("csv"))
        for number, checksum in enumerate(checksums, 1)
    ]
    return Log(showings, rows=len(showings))


@pytest.mark.parametrize(
    ("log", "together", "noted"),
    [
        ("", "abc", "abc"),
        ("abc", "abc", ""),
        ("ab", "abc", "c"),  # A run that was killed, or a folder that has grown.
        ("xab", "abc", "c"),
        ("abc", "c", ""),
        ("abc", "a", "a"),
        ("abcx", "abc", "abc"),
        ("abc", "bc", ""),
        ("aa", "aa", ""),
        ("a", "aa", "a"),
    ],
)
def test_contents_that_come_again_with_newer_ones_are_not_shown_anew(
    log: str, together: str, noted: str
) -> None:
    held = log_of(*log)
    told = ""
    for place in range(1, len(together) + 1):
        if not held.says(list(together), place, DAY):
            told += together[place - 1]
            held = log_of(*[s.checksum for s in held.showings], together[place - 1])
    assert told == noted
    assert not log_of(*log, day=date(2024, 4, 1)).says(list(together), 1, DAY)


def test_what_is_known_of_a_folder_keeps_its_day_and_what_is_named_does_not(
    monkeypatch: pytest.MonkeyPatch, books: UseCase, tmp_path: Path
) -> None:
    """A folder grows; its old files are no newer for being there still."""
    monkeypatch.setattr("hitcast.ingest.extracts._add", lambda *_: None)
    table = cast(Table, None)
    log = Log()

    def show(*names: str, day: int | None, origin: str = "") -> list[tuple[str, int]]:
        nonlocal log
        paths = [tmp_path if name == "in" else tmp_path / name for name in names]
        before = len(log.showings)
        for extract in file_extracts(paths, books):
            extract = replace(extract, origin=origin)
            told = None if day is None else date(2024, 5, day)
            log = record(table, log, extract, told, datetime(2024, 5, 1, tzinfo=UTC))
        return [(Path(s.source_file).name, s.day.day) for s in log.showings[before:]]

    write_lines(tmp_path / "a.csv", [book(1)])
    write_lines(tmp_path / "b.csv", [book(2)])
    assert show("in", day=None) == [("a.csv", 1), ("b.csv", 1)]
    write_lines(tmp_path / "c.csv", [book(1, title="newer")])
    assert show("in", day=2) == [("c.csv", 2)]
    assert show("in", day=2) == []
    write_lines(tmp_path / "d.csv", [book(3)])
    assert show("in", day=3) == [("d.csv", 3)]
    assert show("a.csv", "c.csv", day=3) == [("a.csv", 3), ("c.csv", 3)]
    assert show("in", day=4) == []
    # Of another source nothing of it is known.
    of_another = show("in", day=4, origin="verses")
    assert [name for name, _ in of_another] == ["a.csv", "b.csv", "c.csv", "d.csv"]
    assert show("in", day=4, origin="verses") == []
    # What a run goes on with is there: the showing of that day and source.
    assert show("a.csv", day=5, origin="letters") == [("a.csv", 5)]
    assert ("a.csv", 1) in show("in", day=6, origin="letters")


def test_it_is_told_how_many_files_keep_their_days(
    monkeypatch: pytest.MonkeyPatch, books: UseCase, tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        write_lines(tmp_path / name, [book(1, title=name)])
    extracts = file_extracts([tmp_path], books)
    log = log_of(extracts[0].checksum)
    monkeypatch.setattr("hitcast.ingest.several.read_log", lambda _: log)
    house = cast(Lakehouse, SimpleNamespace(bronze=Path("."), extracts=None))
    told: list[str] = []
    for day in (None, DAY, date(2024, 5, 2)):
        tell_days(extracts, house, day, told.append)
    assert told == [
        "note: 1 of 2 files were found in a folder and are known: they stay of their days "
        "(2024-05-01 to 2024-05-01); a file that is named itself is shown as that of 2024-05-02"
    ]


def test_a_table_that_was_put_back_is_of_today_and_one_that_stayed_is_not() -> None:
    log, today = log_of("a", "b"), date(2024, 6, 1)
    assert log.day_of_table("a", "", today) == log.day_of_table("c", "", today) == today
    assert log.day_of_table("b", "", today) == DAY
    assert log.day_of_table("b", "other", today) == today


def test_layouts_of_today_and_of_before_are_read() -> None:
    before = '{"format": "csv", "fields": ["", "id"]}'
    assert layout_of(before) == Layout("csv", ("", "id"))
    assert layout_of(before).as_text() == before
    other = Layout("csv", ("id",), ";", "cp1250", ",", multiline=True)
    assert layout_of(other.as_text()) == other


def test_how_files_are_read_is_one_of_the_rules(books: UseCase) -> None:
    assert rules_of(books) == rules_of(declared(books, delimiter=",", limits={"line_bytes": 5000}))
    assert rules_of(books) != rules_of(declared(books, delimiter=";"))


@pytest.mark.spark
def test_a_folder_whose_third_file_fails_is_gone_on_with_and_may_grow(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_lines(folder / "a.csv", [book(1), book(2)])
    write_lines(folder / "b.csv", [book(2, title="newer"), book(3), "1,2"])
    write_lines(folder / "c.csv", [book(4), book(4)])
    bring = partial(ingest, books, lakehouse, extraction_date=DAY)

    def fail(extract: Extract, *, accept: Collection[str]) -> IngestCounts:
        if extract.place == 2:
            raise SourceError("the disk is gone")
        return bring(extract, accept=accept)

    with pytest.raises(SourceError, match=r"gone \(2 of 3 files are in; .* go on with .*c\.csv\)"):
        ingest_each(file_extracts([folder], books), fail)
    write_lines(folder / "d.csv", [book(5)])
    grown = ingest_each(file_extracts([folder], books), bring)
    assert balances(grown)
    expected = {"rows_read": 8, "inserted": 2, "updated": 0, "unchanged": 4}
    expected |= {"duplicates": 1, "quarantined": 1}
    assert {name: getattr(grown, name) for name in expected} == expected
    before = versions(lakehouse)
    alone = ingest_each(file_extracts([folder / "d.csv"], books), bring)
    assert (alone.rows_read, alone.unchanged) == (1, 1)
    assert versions(lakehouse) == before
    assert len(read_log(lakehouse.extracts).showings) == 4
    titles = {row["id"]: row["title"] for row in lakehouse.gold.read().collect()}
    assert titles == {"b1": "title 1", "b2": "newer", **{f"b{n}": f"title {n}" for n in (3, 4, 5)}}
    assert grown.table_version == before["gold"]


@pytest.mark.spark
def test_a_file_that_was_read_wrongly_is_put_right_by_reading_it_again(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    """Encoding and line breaks in quotes declared after the first ingest."""
    lines = [book(1, title='"a\nb"'), book(2, author="Łoś"), *map(book, range(3, 7))]
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join([HEADER, *lines]).encode("cp1250"))
    first = ingest(books, lakehouse, file_extract(path, books), DAY)
    assert (first.inserted, first.quarantined) == (4, 3)
    right = declared(books, encoding="cp1250", multiline=True)
    counts = ingest(right, lakehouse, file_extract(path, right), DAY)
    assert (counts.rows_read, counts.inserted, counts.unchanged) == (6, 2, 4)
    assert lakehouse.bronze.read().count() == 6
    assert lakehouse.quarantine.read().count() == 0
    rows = {row["id"]: row for row in lakehouse.gold.read().collect()}
    assert (rows["b1"]["title"], rows["b2"]["author"]) == ("a\nb", "Łoś")
    again = ingest(right, lakehouse, file_extract(path, right), DAY)
    assert (again.unchanged, len(read_log(lakehouse.extracts).showings)) == (6, 2)


def test_one_that_fails_alone_says_what_it_said(books: UseCase, tmp_path: Path) -> None:
    extract = file_extract(write_lines(tmp_path / "a.csv", [book(1)]), books)

    def fail(_: Extract, *, accept: Collection[str]) -> IngestCounts:
        raise SourceError(f"gone{accept or ''}")

    def count(_: Extract, *, accept: Collection[str]) -> IngestCounts:
        assert not accept
        return IngestCounts(6, 1, 1, 1, 1, 2, 3)

    with pytest.raises(SourceError, match="^gone$"):
        ingest_each([extract], fail)
    several: Sequence[Extract] = [extract, replace(extract, place=1)]
    assert ingest_each(several, count) == IngestCounts(12, 2, 2, 2, 2, 4, 3)
