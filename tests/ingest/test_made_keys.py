from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.columns import Column
from hitcast.declaration.keys import HashedKey, Step
from hitcast.declaration.use_case import UseCase
from hitcast.ingest import composed
from hitcast.ingest.reasons import broken_rules, failures
from hitcast.ingest.rules import rule_names
from tests.ingest.books import book, parsed, write_lines

EVERY_STEP: tuple[Step, ...] = ("casefold", "accents", "punctuation")
TEXTS = {
    "\u00c1guas de Mar\u00e7o!": "aguas de marco",
    "  aguas   de\u00a0marco ": "aguas de marco",
    "AGUAS DE MARC\u0327O": "aguas de marco",
    "Stra\u00dfe": "strasse",
    "\u0130stanbul": "istanbul",
    "\ufb01m (ao vivo) #2": "fim ao vivo 2",
    "\u1112\u1161\u11ab": "\ud55c",
    "???": "???",
    "\u0301": "\u0301",
}


def with_made_key(books: UseCase, made: HashedKey) -> UseCase:
    """Books without a key of their own: what was it is one more text."""
    title, rest = books.columns[0].model_copy(update={"role": "identity"}), books.columns[1:]
    key = Column(name=made.column, role="key", type="text", required=True, meaning="hash")
    update = {"key": made.column, "made_key": made, "columns": (key, title, *rest)}
    return books.model_copy(update=update)


@pytest.mark.spark
@pytest.mark.sessions
def test_texts_lose_what_is_not_to_tell_two_apart(spark: SparkSession) -> None:
    texts = spark.createDataFrame([*enumerate(TEXTS)], "place int, text string").orderBy("place")
    steps = [(), ("casefold",), ("accents",), ("punctuation",), EVERY_STEP]
    columns = [composed.normalised(texts["text"], step) for step in steps]
    found = [tuple(row) for row in texts.select(*columns).collect()]
    assert [row[-1] for row in found] == list(TEXTS.values())
    assert [row[0] for row in found] == list(TEXTS)
    assert found[4][1] == "i\u0307stanbul"
    assert found[0][2] == "Aguas de Marco!"
    assert found[0][3] == "\u00c1guas de Mar\u00e7o"


@pytest.mark.spark
def test_rows_of_equal_values_have_one_key_and_others_another(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    lines = [
        book(1, title="Sert\u00e3o", author="Rosa", pages="5"),
        book(1, title=" SERTAO ", author="rosa.", pages="5.0"),
        book(1, title="Sert\u00e3o", author="", pages="5"),
        book(1, title="", author="Sert\u00e3o", pages="5"),
        book(1, title="Sert\u00e3o", author="Rosa", pages=""),
        book(1, title="Sert\u00e3o", author="Rosa", pages="x"),
    ]
    path = write_lines(tmp_path / "b.csv", lines)
    some = HashedKey(hash=("title", "author", "pages"), normalise=EVERY_STEP)
    found = parsed(spark, path, with_made_key(books, some)).orderBy("line_id").collect()
    keys = [row["row_key"] for row in found]
    assert keys[0] == keys[1]
    assert len(set(keys[:5])) == 4
    assert [row["is_good"] for row in found] == [True, True, True, False, True, False]
    # They are in people's tables: another way to make them would make every row a new one.
    assert keys[0] == "42b463ebaae93c73ab84d0baef91d365"
    every = with_made_key(books, HashedKey(hash="all", column="book"))
    found = parsed(spark, path, every).orderBy("line_id").collect()
    assert len({row["book"] for row in found[:5]}) == 5


@pytest.mark.spark
def test_a_line_with_nothing_of_which_its_key_is_made_is_bad_and_no_repetition_of_others(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    nothing = {"author": "\u00a0", "pages": " "}
    lines = [
        book(1, **nothing),
        book(2, **nothing, title=""),
        book(3, author="", pages="x"),
        book(4, author="", pages="1"),
        ",,,,,,,",
    ]
    path = write_lines(tmp_path / "b.csv", lines)
    some = with_made_key(books, HashedKey(hash=("author", "pages"), normalise=EVERY_STEP))
    every = with_made_key(books, HashedKey(hash="all", column="book"))
    told = {}
    for use_case in (some, every):
        columns = ("is_good", use_case.key, failures(use_case), broken_rules(use_case))
        found = parsed(spark, path, use_case).orderBy("line_id").select(*columns).collect()
        told[use_case.key] = found
        assert [[rule["name"] for rule in row[2]] for row in found] == [row[3] for row in found]
        assert {name for row in found for name in row[3]} <= set(rule_names(use_case))
        assert [row[0] for row in found] == [not row[3] for row in found]
    missing = [f"{name}.required" for name in ("id", "title", "score", "weight")]
    assert [row[3] for row in told["row_key"]] == [
        ["row_key.required"],
        ["title.required", "row_key.required"],
        ["pages.type"],
        [],
        [*missing, "row_key.required"],
    ]
    assert [row[1] is None for row in told["row_key"]] == [True, True, True, False, True]
    (rule,) = told["row_key"][0][2]
    assert rule["columns"] == ["author", "pages"]
    assert rule["message"] == (
        "row_key: expected a value in one of ['author', 'pages'], of which it is made, got none"
    )
    assert [row[3] for row in told["book"]] == [
        [],
        ["title.required"],
        ["pages.type"],
        [],
        [*missing, "book.required"],
    ]
