"""Several sources of one entity: what both have is one row, and the first declared one's counts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.keys import HashedKey
from hitcast.declaration.sections import KaggleSource, Source
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest import IngestCounts, ingest, ingest_again
from hitcast.ingest.checks import rules_of
from hitcast.ingest.origins import tell_undeclared
from hitcast.ingest.showings import Log, Showing
from hitcast.running.home import Home
from hitcast.running.job import job_parser
from hitcast.sources.choose import choose_extracts
from hitcast.sources.formats import file_extract
from hitcast.sources.layout import Layout
from hitcast.sources.options import add_extract_options
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import HEADER, balances, book, write_lines
from tests.ingest.test_made_keys import with_made_key


@pytest.fixture(scope="module")
def two_sites(books: UseCase) -> UseCase:
    """Books of two sites, by author and title; the second one writes semicolons."""
    made = with_made_key(books, HashedKey(hash=("title", "author"), normalise=("casefold",)))
    first = Source(ignored_columns=("",))
    second = first.model_copy(update={"delimiter": ";"})
    update = {"sources": {"letters": first, "verses": second}, "source": first}
    return made.model_copy(update=update)


def test_a_source_has_to_be_named_if_there_are_several(books: UseCase, two_sites: UseCase) -> None:
    assert two_sites.of_source("verses").source.delimiter == ";"
    for use_case, name in ((two_sites, None), (two_sites, "x"), (books, "verses")):
        with pytest.raises(SourceError, match="expected --source as conf/books.yml has it"):
            use_case.of_source(name)


def test_the_order_of_sources_is_one_of_the_rules(two_sites: UseCase) -> None:
    assert rules_of(two_sites) == rules_of(two_sites.of_source("verses"))
    other = dict([*two_sites.sources.items()][::-1])
    assert rules_of(two_sites) != rules_of(two_sites.model_copy(update={"sources": other}))


def test_extracts_of_a_source_that_conf_no_longer_declares_are_told(two_sites: UseCase) -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    shown = [
        Showing(n, f"c{n}", date(2024, 5, 1), now, "f", Layout("csv"), origin)
        for n, origin in enumerate(["letters", "lyrics", "", "lyrics"], 1)
    ]
    told: list[str] = []
    tell_undeclared(Log(shown), two_sites, told.append)
    assert told == [
        "note: 3 extracts are of sources that conf/books.yml does not declare (lyrics: 2, none: "
        "1), so rows of ['letters', 'verses'] win over theirs; declare the name again, or ingest "
        "their files again as of another: --source NAME"
    ]
    # One that was ingested again as that of a declared source is told no more.
    again = replace(shown[0], number=5, checksum="c3")
    tell_undeclared(Log([shown[0], shown[2], again]), two_sites, told.append)
    tell_undeclared(Log(shown[:1]), two_sites, told.append)
    tell_undeclared(Log(shown), two_sites.model_copy(update={"sources": {}}), told.append)
    assert len(told) == 1


def test_kaggle_files_of_all_sources_come_unless_one_is_named(
    two_sites: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a weekly job, which says --kaggle and no more, brings in all of them."""
    for name, sign in (("letters", ","), ("verses", ";")):
        write_lines(tmp_path / name, [book(1).replace(",", sign)], HEADER.replace(",", sign))

    def fetch(_: str, file: str, __: Path) -> Path:
        return tmp_path / file

    monkeypatch.setattr("hitcast.sources.kaggle.download.download", fetch)
    sources = {
        name: source.model_copy(update={"kaggle": KaggleSource(dataset="a/b", file=name)})
        for name, source in two_sites.sources.items()
    }
    use_case = two_sites.model_copy(update={"sources": sources})
    parser = job_parser("a job")
    add_extract_options(parser)

    def opened(use_case: UseCase, *words: str) -> list[tuple[str, str]]:
        options = parser.parse_args(words)
        found = choose_extracts(use_case, Home.resolve(tmp_path), options, no_session)
        return [(extract.origin, Path(extract.name).name) for extract in found]

    both = [("letters", "letters"), ("verses", "verses")]
    assert opened(use_case) == opened(use_case, "--kaggle", "--source", "") == both
    assert opened(use_case, "--source", "verses") == both[1:]
    one = two_sites.model_copy(update={"sources": sources | {"letters": two_sites.source}})
    assert opened(one) == both[1:]
    for words in ([], ["--file", str(tmp_path / "letters")]):
        with pytest.raises(SourceError, match="expected --source as conf/books.yml has it"):
            opened(two_sites, *words)


def no_session() -> SparkSession:
    raise AssertionError("a session was asked for")


@pytest.mark.spark
def test_a_row_that_two_sources_have_is_the_first_declared_one_s(
    lakehouse: Lakehouse, two_sites: UseCase, tmp_path: Path
) -> None:
    def bring(origin: str, day: int, *lines: str) -> IngestCounts:
        use_case, path = two_sites.of_source(origin), tmp_path / f"{origin}{day}.csv"
        sign = use_case.source.delimiter
        write_lines(path, [x.replace(",", sign) for x in lines], HEADER.replace(",", sign))
        extract = replace(file_extract(path, use_case), origin=origin)
        counts = ingest(use_case, lakehouse, extract, date(2024, 5, day))
        assert balances(counts)
        return counts

    def held() -> dict[str, tuple[int, str, int]]:
        rows = lakehouse.gold.read().collect()
        return {r["title"]: (r["pages"], r["source_name"], r["extraction_date"].day) for r in rows}

    first = [book(1, pages="5"), book(2, pages="5", title="TITLE 2")]
    assert bring("verses", 1, *first).inserted == 2
    counts = bring("letters", 1, book(2, pages="7"), book(3, pages="7"))
    assert (counts.inserted, counts.updated) == (1, 1)
    expected = {
        "title 1": (5, "verses", 1), "title 2": (7, "letters", 1), "title 3": (7, "letters", 1)
    }  # fmt: skip
    assert held() == expected
    again = bring("verses", 1, *first)
    assert (again.unchanged, again.table_version) == (2, counts.table_version)
    counts = bring("verses", 9, book(1, pages="9"), book(2, pages="9"))
    assert (counts.updated, counts.unchanged) == (1, 1)
    expected["title 1"] = (9, "verses", 9)
    assert held() == expected
    other = two_sites.model_copy(update={"sources": dict([*two_sites.sources.items()][::-1])})
    ingest_again(other, lakehouse)
    assert held()["title 2"] == (9, "verses", 9)
    judged = {(row["number"], row["origin"]) for row in lakehouse.quality.rows()}
    assert judged == {(1, "verses"), (2, "letters"), (3, "verses")}
