"""A column that conf calls otherwise than the lines of bronze do."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.keys import HashedKey
from hitcast.declaration.sections import Source
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest import ingest, ingest_again
from hitcast.ingest.renamed import refuse_lacking
from hitcast.ingest.showings import Showing
from hitcast.sources.formats import file_extract
from hitcast.sources.layout import Layout
from hitcast.sources.split import split_records
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import DECLARED, book, versions, write_lines

DAY = date(2024, 5, 1)


def renamed(books: UseCase, *aliases: str) -> UseCase:
    """The books, whose weight has another name."""
    columns = tuple(
        c.model_copy(update={"name": "weights", "aliases": aliases}) if c.name == "weight" else c
        for c in books.columns
    )
    return books.model_copy(update={"columns": columns})


def test_aliases_stand_for_their_column_where_its_own_name_is_not_there(books: UseCase) -> None:
    use_case = renamed(books, "mass", "weight")
    assert use_case.named(["id", "weight", "x"]) == ["id", "weights", "x"]
    assert use_case.named(["mass", "weight"]) == ["weights", "weight"]
    assert use_case.named(["weight", "weights"]) == ["weight", "weights"]


@pytest.mark.spark
@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_renamed_column_does_not_empty_the_tables_and_an_alias_finds_it(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path, format: str
) -> None:
    if format == "csv":
        path = write_lines(tmp_path / "b.csv", [book(1), book(2)])
    else:
        books = books.model_copy(update={"source": Source(format="jsonl")})
        rows = [{"id": f"b{n}", "title": "t", "score": n, "weight": 0.5} for n in (1, 2)]
        path = tmp_path / "b.jsonl"
        path.write_text("".join(f"{json.dumps({**dict.fromkeys(DECLARED), **r})}\n" for r in rows))
    ingest(books, lakehouse, file_extract(path, books), DAY)
    before = versions(lakehouse)
    with pytest.raises(SourceError, match=r"columns \['weights'\] in the lines of .*b\."):
        ingest_again(renamed(books), lakehouse)
    assert versions(lakehouse) == before
    counts = ingest_again(renamed(books, "mass", "weight"), lakehouse)
    assert (counts.rows_read, counts.quarantined) == (2, 0)
    assert {row["weights"] for row in lakehouse.gold.read().collect()} == {0.5}
    # The files, too, may go on calling it as they did.
    use_case = renamed(books, "weight")
    assert ingest(use_case, lakehouse, file_extract(path, use_case), DAY).unchanged == 2


def test_a_column_of_which_a_made_key_is_made_is_needed_as_a_required_one_is(
    books: UseCase,
) -> None:
    made = HashedKey(hash=("author", "title"), column="id")
    keyed = books.model_copy(update={"made_key": made})
    assert "author" not in books.needed and {"author", "title"} <= set(keyed.needed)
    every = books.model_copy(update={"made_key": HashedKey(hash="all", column="id")})
    assert "author" not in every.needed
    layout = Layout("csv", tuple(n if n != "author" else "writer" for n in DECLARED))
    shown = Showing(1, "1", DAY, datetime(2024, 5, 1, tzinfo=UTC), "b.csv", layout)
    with pytest.raises(SourceError, match=r"columns \['author'\] .* found \['id', 'writer'\]"):
        refuse_lacking([shown], keyed, print)
    told: list[str] = []
    names = tuple("prize" if name == "price" else name for name in DECLARED)
    priced = replace(shown, layout=Layout("csv", names))
    refuse_lacking([priced], books, told.append)
    assert told == [
        "note: b.csv has no columns ['price']; 'price' may be 'prize' there, which aliases can say"
    ]


@pytest.mark.spark
def test_the_first_of_a_column_s_names_that_is_there_counts_also_where_they_differ_in_case(
    spark: SparkSession,
) -> None:
    rows = ['{"TEMPO": "1"}', '{"tempo": null, "TEMPO": "2"}', '{"bpm": "3"}', '{"tempo": "4"}']
    frame = spark.createDataFrame([(row.encode(),) for row in rows], "raw_line binary").coalesce(1)
    aliases = {"tempo": ("TEMPO", "bpm")}
    for format in ("json", "jsonl"):
        found = split_records(frame, Layout(format), ["tempo"], aliases=aliases).collect()
        assert [row["texts"]["tempo"] for row in found] == ["1", None, "3", "4"]
    lines = spark.createDataFrame([(b",2",), (b"1,3",)], "raw_line binary").coalesce(1)
    layout = Layout("csv", ("tempo", "bpm"))
    found = split_records(lines, layout, ["tempo"], aliases=aliases).collect()
    assert [row["texts"]["tempo"] for row in found] == [None, "1"]


@pytest.mark.spark
def test_what_is_only_empty_in_an_old_extract_may_be_required_later(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    books = books.model_copy(update={"source": Source(format="jsonl")})
    for name, price in (("a", None), ("b", 1.5)):
        row = dict.fromkeys(DECLARED) | {"id": "b1" if price is None else "b2", "title": "t"}
        row |= {"score": 1, "weight": 0.5, "price": price}
        path = tmp_path / f"{name}.jsonl"
        path.write_text(f"{json.dumps(row)}\n")
        ingest(books, lakehouse, file_extract(path, books), DAY)
    columns = tuple(
        c.model_copy(update={"required": True}) if c.name == "price" else c for c in books.columns
    )
    strict = books.model_copy(update={"columns": columns})
    assert ingest_again(strict, lakehouse).quarantined == 1
    assert [row["id"] for row in lakehouse.gold.read().collect()] == ["b2"]
