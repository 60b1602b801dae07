from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.ingest import composed
from hitcast.ingest.checks import rules_of
from hitcast.ingest.reasons import broken_rules, failures
from hitcast.ingest.rules import rule_names
from tests.ingest.books import HEADER, book, parsed, write_lines
from tests.sources.samples import declared

SCORE = "score: expected whole number between 0 and 100 points, got "
PAGES = "pages: expected whole number of at least 1 pages, got "
WEIGHT = "weight: expected number between 0 and 5.5 kg, got "
PRICE = "price: expected number, got "
ID = "id: expected text matching b[0-9]+, got "
BAD = {
    book(1, id=""): [ID + "nothing"],
    book(1, id="   "): [ID + "nothing"],
    book(1, id="x1"): [ID + "'x1'"],
    book(1, id="b1x"): [ID + "'b1x'"],
    book(1, title=""): ["title: expected text, got nothing"],
    book(1, score=""): [SCORE + "nothing"],
    book(1, score="abc"): [SCORE + "'abc'"],
    book(1, score="12abc"): [SCORE + "'12abc'"],
    book(1, score="1.5"): [SCORE + "'1.5'"],
    book(1, score="1e1d"): [SCORE + "'1e1d'"],
    book(1, score="5f"): [SCORE + "'5f'"],
    book(1, score="NaN"): [SCORE + "'NaN'"],
    book(1, score="100.5"): [SCORE + "'100.5'"],
    book(1, score="1e400"): [SCORE + "'1e400'"],
    book(1, id="\u00a0\u3000"): [ID + "nothing"],
    book(1, pages="0.0"): [PAGES + "'0.0'"],
    book(1, pages="2147483648.0"): [PAGES + "'2147483648.0'"],
    book(1, score="-1"): [SCORE + "'-1'"],
    book(1, score="101"): [SCORE + "'101'"],
    book(1, score="99999999999"): [SCORE + "'99999999999'"],
    book(1, pages="0"): [PAGES + "'0'"],
    book(1, pages="3000000000"): [PAGES + "'3000000000'"],
    book(1, weight="NaN"): [WEIGHT + "'NaN'"],
    book(1, weight="5.51"): [WEIGHT + "'5.51'"],
    book(1, weight="1d"): [WEIGHT + "'1d'"],
    book(1, weight="0x1p1"): [WEIGHT + "'0x1p1'"],
    book(1, price="Infinity"): [PRICE + "'Infinity'"],
    book(1, price="-Infinity"): [PRICE + "'-Infinity'"],
    book(1, price="nan"): [PRICE + "'nan'"],
    book(1, price="1e400"): [PRICE + "'1e400'"],
    book(1, price="2f"): [PRICE + "'2f'"],
    book(1, price="1_0"): [PRICE + "'1_0'"],
    book(1, price="x" * 99): [PRICE + "'" + "x" * 60 + "'"],
    book(1, id="", score="101", weight="x"): [ID + "nothing", SCORE + "'101'", WEIGHT + "'x'"],
    "1,2,3": ["line: expected 8 fields, got 3"],
    book(1, score="x") + ",9": ["line: expected 8 fields, got 9"],
}  # fmt: skip
RULES = {
    book(1, id="   "): ["id.required"],
    book(1, id="x1"): ["id.pattern"],
    book(1, title=""): ["title.required"],
    book(1, score=""): ["score.required"],
    book(1, score="1.5"): ["score.type"],
    book(1, score="NaN"): ["score.type"],
    book(1, score="-1"): ["score.minimum"],
    book(1, score="99999999999"): ["score.maximum"],
    book(1, pages="3000000000"): ["pages.type"],
    book(1, id="", score="101", weight="x"): ["id.required", "score.maximum", "weight.type"],
    "1,2,3": ["line.fields"],
}
GOOD = {
    book(1): (1, 101, 0.5, 9.99),
    book(1, score=" 7 ", weight=" .5 "): (7, 101, 0.5, 9.99),
    book(1, score="+100", weight="5.5"): (100, 101, 5.5, 9.99),
    book(1, score="0", weight="-0.0"): (0, 101, 0.0, 9.99),
    book(1, pages="", price=""): (1, None, 0.5, None),
    book(1, pages="  ", price="-1.5E-3"): (1, None, 0.5, -0.0015),
    book(1, author=""): (1, 101, 0.5, 9.99),
    book(1, score="5.0", pages="2147483647.0"): (5, 2147483647, 0.5, 9.99),
    book(1, score="1e1", pages="1.2345678E7"): (10, 12345678, 0.5, 9.99),
    book(1, score=" 7.00 ", pages="\u2003"): (7, None, 0.5, 9.99),
}


@pytest.mark.spark
def test_bad_lines_have_every_reason_and_no_other(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    lines = parsed(spark, write_lines(tmp_path / "b.csv", list(BAD)), books)
    found = lines.select("line_id", "is_good", failures(books), broken_rules(books)).collect()
    failed = dict(zip(BAD, sorted(found), strict=True))
    messages = {line: [rule["message"] for rule in row[2]] for line, row in failed.items()}
    assert messages == BAD
    assert not any(row[1] for row in found)
    names = {line: [rule["name"] for rule in row[2]] for line, row in failed.items()}
    assert {line: row[3] for line, row in failed.items()} == names
    assert {line: names[line] for line in RULES} == RULES
    assert {name for row in names.values() for name in row} <= set(rule_names(books))
    about = [rule for row in failed.values() for rule in row[2]]
    assert {rule["rule_set_fingerprint"] for rule in about} == {rules_of(books)}
    assert all([rule["name"].split(".")[0]] == (rule["columns"] or ["line"]) for rule in about)


@pytest.mark.spark
def test_a_number_without_the_decimal_comma_of_its_file_is_wrong_in_its_column(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    use_case = declared(books, delimiter=";", decimal=",")
    lines = [
        book(1, weight="0~5", price="1~5"),
        book(1, weight="0~5", price="1.5"),
        book(1, weight="0~5", price="x", score="101", title=""),
        book(1, weight=" ", price="9", pages=""),
    ]
    written = [line.replace(",", ";").replace("~", ",") for line in lines]
    path = write_lines(tmp_path / "b.csv", written, HEADER.replace(",", ";"))
    rows = parsed(spark, path, use_case).orderBy("line_id")
    found = rows.select("is_good", "price", failures(use_case), broken_rules(use_case)).collect()
    assert (found[0][0], found[0][1]) == (True, 1.5)
    assert [row[0] for row in found[1:]] == [False] * 3
    assert [row[3] for row in found] == [
        [],
        ["price.type"],
        ["title.required", "score.maximum", "price.type"],
        ["weight.required"],
    ]
    (told,) = found[1][2]
    assert (told["name"], told["columns"]) == ("price.type", ["price"])
    assert told["message"] == "price: expected number with a decimal comma, got '1.5'"


@pytest.mark.spark
def test_a_line_of_broken_utf_8_has_the_reasons_of_its_values_too(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    line = book(1, author="\xff", score="x").encode("latin-1")
    lines = parsed(spark, write_lines(tmp_path / "b.csv", [line]), books)
    found = lines.select(failures(books)).collect()[0][0]
    assert [(rule["name"], rule["message"]) for rule in found] == [
        ("line.encoding", "line: expected UTF-8, got bytes that are not"),
        ("score.type", SCORE + "'x'"),
    ]


@pytest.mark.spark
def test_good_lines_have_typed_values_and_nothing_of_what_bad_ones_keep(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    lines = parsed(spark, write_lines(tmp_path / "b.csv", list(GOOD)), books)
    kept = ("texts", "raw_line", "line_defects")
    rows = lines.orderBy("line_id").select("is_good", *kept, "score", "pages", "weight", "price")
    expected = [(True, None, None, None, *row) for row in GOOD.values()]
    assert [tuple(row) for row in rows.collect()] == expected
    assert dict(rows.dtypes[4:]) == {
        "score": "int", "pages": "int", "weight": "double", "price": "double"
    }  # fmt: skip


@pytest.mark.spark
def test_a_text_that_is_too_long_is_told_by_its_length_where_its_words_are_nobody_elses(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    words = {"type": "words", "name": "author", "role": "feature", "meaning": "m", "max_length": 9}
    columns = {c.name: c for c in books.columns}
    columns["title"] = columns["title"].model_copy(update={"max_length": 8})
    columns["author"] = Column.model_validate(words)
    limited = books.model_copy(update={"columns": tuple(columns.values()), "group": None})
    assert rules_of(limited) != rules_of(books)
    author = "author: expected text of at most 9 characters, got 12 characters"
    told = {
        book(1, author="123456789", title="12345678"): [],
        book(1, author=""): [],
        book(1, author="ações, ações", title="123456789"): [
            ("author.max_length", author),
            ("title.max_length", "title: expected text of at most 8 characters, got '123456789'"),
        ],
    }  # fmt: skip
    lines = [line.replace("ações, ações", '"ações, ações"') for line in told]
    found = parsed(spark, write_lines(tmp_path / "b.csv", lines), limited).orderBy("line_id")
    rows = found.select("is_good", failures(limited)).collect()
    assert [row[0] for row in rows] == [True, True, False]
    assert [[(r["name"], r["message"]) for r in row[1]] for row in rows] == list(told.values())


@pytest.mark.spark
def test_a_category_is_read_by_the_rules_of_whole_numbers(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    columns = [
        column.model_copy(update={"type": "category"}) if column.is_whole else column
        for column in books.columns
    ]
    coded = books.model_copy(update={"columns": tuple(columns)})
    assert rules_of(coded) == rules_of(books)
    lines = {line: told for line, told in BAD.items() if any("whole" in one for one in told)}
    path = write_lines(tmp_path / "b.csv", [*lines, book(1, score="5.0", pages="")])
    found = parsed(spark, path, coded).orderBy("line_id")
    rows = found.select("score", "pages", failures(coded)).collect()
    assert [[rule["message"] for rule in row[2]] for row in rows] == [*lines.values(), []]
    assert tuple(rows[-1])[:2] == (5, None)


@pytest.mark.spark
@pytest.mark.sessions
@pytest.mark.parametrize("on_databricks", [False, True])
def test_texts_lose_white_space_at_their_ends_and_are_brought_to_one_form(
    spark: SparkSession,
    books: UseCase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    on_databricks: bool,
) -> None:
    monkeypatch.setattr(composed, "on_databricks", lambda: on_databricks)
    texts = {
        "  ": None,
        " a ": "a",
        "\t\u00a0a  b\u2009": "a  b",
        "Beyonc\u00e9": "Beyonc\u00e9",
        "Beyonce\u0301": "Beyonc\u00e9",
        "\u212bngstr\u00f6m": "\u00c5ngstr\u00f6m",
        "a\u0323\u0302": "\u1ead",
        "a\u0302\u0323": "\u1ead",
        "\u1112\u1161\u11ab": "\ud55c",
        "\ufb01n \U0001f600": "\ufb01n \U0001f600",
    }
    lines = [book(n, author=text) for n, text in enumerate(texts)]
    found = parsed(spark, write_lines(tmp_path / "b.csv", lines), books).orderBy("line_id")
    assert [row["author"] for row in found.collect()] == list(texts.values())
