"""A column that conf calls otherwise than the lines of bronze do."""

import json
from datetime import date
from pathlib import Path

import pytest

from hitcast.declaration.sections import Source
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest import ingest, ingest_again
from hitcast.sources.formats import file_extract
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
    with pytest.raises(SourceError, match=r"required columns \['weights'\] in the lines of .*b\."):
        ingest_again(renamed(books), lakehouse)
    assert versions(lakehouse) == before
    counts = ingest_again(renamed(books, "mass", "weight"), lakehouse)
    assert (counts.rows_read, counts.quarantined) == (2, 0)
    assert {row["weights"] for row in lakehouse.gold.read().collect()} == {0.5}
    # The files, too, may go on calling it as they did.
    use_case = renamed(books, "weight")
    assert ingest(use_case, lakehouse, file_extract(path, use_case), DAY).unchanged == 2
