import hashlib
import re
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.sources.csv import csv_extract
from hitcast.sources.split import split_records
from tests.ingest.books import DECLARED, HEADER, book, books_like, write_lines


@pytest.fixture(scope="module")
def books(spotify: UseCase) -> UseCase:
    return books_like(spotify)


def lines_of(spark: SparkSession, path: Path, use_case: UseCase) -> list[Row]:
    lines = split_lines(spark, path, use_case).collect()
    return sorted(lines, key=lambda line: line["line_id"])


def split_lines(spark: SparkSession, path: Path, use_case: UseCase) -> DataFrame:
    """The lines of a file with their texts."""
    extract = csv_extract(path, use_case)
    lines = split_records(extract.read(spark), extract.layout, use_case.column_names)
    return lines.select("line_id", "raw_line", "texts.*", "line_defects")


PLAIN = f"{HEADER}\n{book(1)}\n{book(2)}\n"
VARIANTS = {
    "unnamed index": PLAIN.encode(),
    "index called Unnamed: 0": PLAIN.replace(",author", "Unnamed: 0,author", 1).encode(),
    "no index": "\n".join(line.split(",", 1)[1] for line in PLAIN.splitlines()).encode(),
    "other order": "\n".join(
        ",".join(reversed(line.split(","))) for line in PLAIN.splitlines()
    ).encode(),
    "byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "byte order mark, no index": b"\xef\xbb\xbf"
    + "\n".join(line.split(",", 1)[1] for line in PLAIN.splitlines()).encode(),
    "CRLF": PLAIN.replace("\n", "\r\n").encode(),
    "CR": PLAIN.replace("\n", "\r").encode(),
    "no newline at the end": PLAIN.rstrip().encode(),
    "blank lines": PLAIN.replace("\n", "\n\n  \n").encode(),
    "quoted names, spaces around": PLAIN.replace(
        ",author,title,id,", '"", author,"title" ,"id",'
    ).encode(),
    "another column": PLAIN.replace("\n", ",more\n").encode(),
}  # fmt: skip


@pytest.mark.spark
@pytest.mark.parametrize("content", VARIANTS.values(), ids=VARIANTS.keys())
def test_variants_of_the_header_give_the_same_lines(
    spark: SparkSession, books: UseCase, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "books.csv"
    path.write_bytes(content)
    lines = lines_of(spark, path, books)
    values = [tuple(line[name] for name in DECLARED) for line in lines]
    assert values == [
        ("b1", "author 1", "title 1", "1", "101", "0.5", "9.99"),
        ("b2", "author 2", "title 2", "2", "102", "0.5", "9.99"),
    ]
    assert not any(line["line_defects"] for line in lines)
    written = [line.strip(b"\r") for line in re.split(b"\r?\n|\r", content) if line.strip()]
    assert [bytes(line["raw_line"]) for line in lines] == written[1:]


@pytest.mark.spark
def test_quotes_commas_and_other_scripts_within_quotes_are_kept(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    titles = ['"a ""b"" c"', '"a, b"', '""""', "Első dal", '7" single', '""']
    path = write_lines(tmp_path / "b.csv", [book(n, title=t) for n, t in enumerate(titles)])
    lines = lines_of(spark, path, books)
    assert [line["title"] for line in lines] == [
        'a "b" c', "a, b", '"', "Első dal", '7" single', None
    ]  # fmt: skip
    assert not any(line["line_defects"] for line in lines)


DEFECTS = {
    b"1,too,few": "line: expected 8 fields, got 3",
    book(1, price="1,2").encode(): "line: expected 8 fields, got 9",
    b'1,"a, b",few': "line: expected 8 fields, got 3",
    book(1, author="\xff").encode("latin-1"): "line: expected UTF-8, got bytes that are not",
    book(1, price='"9.99').encode(): "line: expected quotes in pairs, got one that stays open",
    book(1, title='"spans').encode(): "line: expected quotes in pairs, got one that stays open",
}


@pytest.mark.spark
def test_lines_that_can_not_be_split_keep_their_bytes_and_say_why(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "b.csv", list(DEFECTS))
    lines = lines_of(spark, path, books)
    assert [bytes(line["raw_line"]) for line in lines] == list(DEFECTS)
    assert [line["line_defects"] for line in lines] == [[why] for why in DEFECTS.values()]
    assert lines[0]["id"] is None, "who knows which field is missing?"
    assert lines[3]["id"] == "b1"


@pytest.mark.spark
def test_a_line_with_two_defects_says_both(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    lines = lines_of(spark, write_lines(tmp_path / "b.csv", [b"1,\xff"]), books)
    assert len(lines[0]["line_defects"]) == 2


@pytest.mark.spark
def test_lines_are_numbered_in_the_order_of_a_file_read_in_many_pieces(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "b.csv", [book(n) for n in range(2000)])
    size = "spark.sql.files.maxPartitionBytes"
    before = spark.conf.get(size)
    spark.conf.set(size, "8000")
    try:
        read = split_lines(spark, path, books)
        assert read.rdd.getNumPartitions() > 5
        lines = sorted(read.collect(), key=lambda line: line["line_id"])
    finally:
        spark.conf.set(size, str(before))
    assert [line["id"] for line in lines] == [f"b{n}" for n in range(2000)]


@pytest.mark.spark
@pytest.mark.parametrize("name", ["a[1]*.csv", "50% ä b.csv", "a{b}?"])
def test_any_name_of_a_file_is_fine(
    spark: SparkSession, books: UseCase, tmp_path: Path, name: str
) -> None:
    path = write_lines(tmp_path / name, [book(1)])
    assert [line["id"] for line in lines_of(spark, path, books)] == ["b1"]


def test_the_checksum_is_that_of_the_content(books: UseCase, tmp_path: Path) -> None:
    one = write_lines(tmp_path / "one.csv", [book(1)])
    two = write_lines(tmp_path / "two.csv", [book(1)])
    assert csv_extract(one, books).checksum == csv_extract(two, books).checksum
    assert csv_extract(one, books).checksum == hashlib.sha256(one.read_bytes()).hexdigest()


LACKING = HEADER.replace(",price", "").replace(",pages", "")
REFUSED = {
    "empty": (b"", "expected a header with.*'id'.*found no columns"),
    "blank": (b"\n\n", "found no columns"),
    "header only": ((HEADER + "\r\n \r\n").encode(), "no lines below its header"),
    "columns missing": (
        (LACKING + "\n" + book(1)).encode(),
        r"lacks the columns \['pages', 'price'\]: expected \['id', .*\], found \['', 'author'",
    ),
    "column twice": ((HEADER + ",price\n1\n").encode(), r"\['price'\] more than once"),
    "binary": (
        b"PAR1\x15\x04\x15\xff\xfe\n\x00",
        "not a CSV file in UTF-8: expected.*'id'.* but Parquet;",
    ),
    "UTF-16": ((HEADER + "\n" + book(1)).encode("utf-16"), "not a CSV.*no text but UTF-16"),
    "JSON": (b'{"id": "b1"}\n{"id": "b2"}\n', "not a CSV file with the expected columns: expected"),
    "semicolons": (
        PLAIN.replace(",", ";").encode(),
        r"found none of them among 1 .*\['author', .*'price'\] are there, separated by ';': decl",
    ),
    "data without header": (
        (book(1, author="Ann Doe", title="Letters") + "\n" + book(2)).encode(),
        r"found none of them among 8 fields in its first line \(35 bytes #\w+\)$",
    ),
    "data with a column's name in it": (
        (book(1, author="Ann Doe", title="price") + "\n" + book(2)).encode(),
        r"lacks the columns .*found \['price'\] and 7 others; rename",
    ),
}
WORDS = ("Ann Doe", "Letters")


@pytest.mark.parametrize(("content", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_such_extract_is_refused_with_what_was_expected_and_found(
    books: UseCase, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "books.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=told) as error:
        csv_extract(path, books)
    assert not any(word in str(error.value) for word in WORDS), "logs go further than tables"


def test_a_missing_a_packed_a_hidden_file_and_a_folder_of_its_own_are_refused(
    books: UseCase, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match="check the path"):
        csv_extract(tmp_path / "none.csv", books)
    with pytest.raises(SourceError, match="name a file in it"):
        csv_extract(tmp_path, books)
    for name in ("_b.csv", ".b.csv", "12:30.csv"):
        with pytest.raises(SourceError, match="Spark reads no name that.*rename it"):
            csv_extract(write_lines(tmp_path / name, [book(1)]), books)
    (tmp_path / "books.csv.bz2").write_bytes(b"BZh9")
    with pytest.raises(SourceError, match="unpack it first"):
        csv_extract(tmp_path / "books.csv.bz2", books)


def test_columns_that_are_not_declared_are_noted(
    books: UseCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = HEADER + ",isbn,Pricee"
    csv_extract(write_lines(tmp_path / "b.csv", [book(1) + ",x,y"], header), books)
    told = capsys.readouterr().err
    assert "not declared, kept in bronze alone: ['isbn', 'Pricee']" in told
    assert told.endswith("; 'Pricee' is like the declared 'price'\n")


def test_a_renamed_column_is_told_with_what_it_may_be_called_now(
    books: UseCase, tmp_path: Path
) -> None:
    header = HEADER.replace("price", "Prices").replace("weight", "mass")
    path = write_lines(tmp_path / "b.csv", [book(1)], header)
    with pytest.raises(
        SourceError, match=r"'weight', 'price'\]: .*; 'price' may be 'Prices' here;"
    ):
        csv_extract(path, books)


def test_ignored_columns_are_no_cause_for_a_note(
    books: UseCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csv_extract(write_lines(tmp_path / "b.csv", [book(1)]), books)
    assert capsys.readouterr().err == ""
