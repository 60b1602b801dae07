"""Files of each declared format, split by Spark; each test has one Spark job."""

import json
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import NoRowsError, SourceError
from hitcast.sources.csv import csv_extract
from hitcast.sources.extract import Extract
from hitcast.sources.formats import file_extract, file_extracts
from tests.ingest.books import DECLARED, HEADER, book, books_like
from tests.sources.samples import declared, texts_of, write

NAMES = ("id", "author", "title", "score", "pages", "weight", "price")
PLAIN = f"{HEADER}\n{book(1)}\n{book(2)}\n"
ONE = {"id": "b1", "title": "t", "score": "1", "weight": "0.5"}


@pytest.fixture(scope="module")
def books(spotify: UseCase) -> UseCase:
    return books_like(spotify)


def lines_of_csv(content: str, end: str = "\n", delimiter: str = ";") -> bytes:
    return content.replace(",", delimiter).replace("\n", end).encode()


@pytest.mark.spark
@pytest.mark.sessions
def test_csv_of_any_delimiter_encoding_and_packing_has_the_same_texts(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    content = PLAIN.replace("author 1", "Żółć – Łoś")
    written: list[tuple[dict[str, Any], bytes]] = [
        ({}, content.encode()),
        ({"delimiter": ";"}, lines_of_csv(content)),
        ({"delimiter": "\t"}, b"\xef\xbb\xbf" + lines_of_csv(content, "\r\n", "\t")),
        ({"delimiter": "|"}, lines_of_csv(content, "\r", "|")),
        ({"encoding": "windows-1250"}, content.encode("cp1250")),
        ({"multiline": True}, content.replace("\n", "\n \n").encode()),
        ({"multiline": True, "encoding": "cp1250", "delimiter": "¦"},
         content.replace(",", "¦").replace("\n", "\r\n").encode("cp1250")),
    ]  # fmt: skip
    extracts = []
    for number, (options, body) in enumerate(written):
        for packed in (False, True):
            path = tmp_path / (f"{number}.csv.gz" if packed else f"{number}.csv")
            write(path, body, packed=packed)
            extracts.append(csv_extract(path, declared(books, **options)))
    for lines in texts_of(spark, extracts, books):
        assert [line["author"] for line in lines] == ["Żółć – Łoś", "author 2"]
        assert [line["price"] for line in lines] == ["9.99", "9.99"]
        assert not any(line["line_defects"] for line in lines)
    raw = texts_of(spark, extracts[8:9], books)[0][0]["raw_line"]
    assert bytes(raw).decode("cp1250") == content.splitlines()[1], "bytes stay as they came"


@pytest.mark.spark
def test_fields_span_lines_where_that_is_declared(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    spanning = '"one ""two""\r\n\r\nthree, four"'
    rows = [
        book(1, title=spanning),
        book(2),
        book(3, title='"a\nb"') + ",x",
        book(4, title='"open'),
    ]
    body = f"{HEADER}\r\n" + "\r\n".join([*rows, book(5)])
    path = write(tmp_path / "a.csv", body.encode())
    lines = texts_of(spark, [csv_extract(path, declared(books, multiline=True))], books)[0]
    assert [line["id"] for line in lines] == ["b1", "b2", None, None, "b5"]
    assert lines[0]["title"] == 'one "two"\r\n\r\nthree, four'
    assert [line["line_defects"] for line in lines] == [
        None,
        None,
        ["line: expected 8 fields, got 9"],
        ["line: expected quotes in pairs, got one that stays open"],
        None,
    ]
    assert [bytes(line["raw_line"]).decode() for line in lines] == [*rows, book(5)]


@pytest.mark.spark
def test_bytes_that_an_encoding_does_not_know_are_told(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    body = f"{HEADER}\n{book(1)}\n".encode() + book(2, title="?").encode().replace(b"?", b"\x81")
    path = write(tmp_path / "a.csv", body)
    lines = texts_of(spark, [csv_extract(path, declared(books, encoding="cp1250"))], books)[0]
    assert lines[0]["line_defects"] is None
    assert lines[1]["line_defects"] == ["line: expected cp1250, got bytes that are not"]


DECIMALS = {
    "1.234,5": "1234.5", "1234,5": "1234.5", "-0,5": "-0.5", "+7": "+7", "1.234": "1234", "": None,
    "1 234,5": "1234.5", "1\u00a0234\u202f567,8": "1234567.8", ",5": ".5", "5,": "5.",
    "1,5E-3": "1.5E-3",
}  # fmt: skip
NO_DECIMALS = ["1.5", "1,234.5", "12.34,5", "1.2345", "1,2,3", "x", ",", "1.234.56"]


@pytest.mark.spark
def test_numbers_with_a_decimal_comma_get_a_point_and_ambiguous_ones_a_reason(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    lines = [book(n, title="1,5").replace(",", ";").replace("1;5", "1,5") for n in range(30)]
    prices = [*DECIMALS, *NO_DECIMALS]
    rows = [
        line.replace("9.99", p).replace("0.5", "0,5")
        for line, p in zip(lines, prices, strict=False)
    ]
    path = write(tmp_path / "a.csv", "\n".join([HEADER.replace(",", ";"), *rows]).encode())
    extract = csv_extract(path, declared(books, delimiter=";", decimal=","))
    found = texts_of(spark, [extract], books)[0]
    good, bad = found[: len(DECIMALS)], found[len(DECIMALS) :]
    assert [line["price"] for line in good] == list(DECIMALS.values())
    assert {(line["weight"], line["title"], line["misread"]) for line in good} == {
        ("0.5", "1,5", None)
    }
    assert [(line["misread"], line["price"]) for line in bad] == [
        (["price"], price) for price in NO_DECIMALS
    ]
    assert not any(line["line_defects"] for line in found)


JSON_LINES: dict[str, dict[str, Any] | str] = {
    '\ufeff{"id": "b1", "title": "t", "score": 1, "weight": 0.5}': {},
    '{"weight": 5E-1, "score": 1.0, "title": "t", "id": "b1", "more": [1]}': {"score": "1.0"},
    '  {"id": "b1", "title": "é\\u00e9\\n", "score": 1, "weight": 0.5, "price": null}  ':
        {"title": "éé\n"},
    '{"id": "b1", "title": {"en": "x", "pl": ["y", 2]}, "author": ["a", {"b": 1}], '
    '"score": 1, "weight": 0.5}':
        {"title": '{"en":"x","pl":["y",2]}', "author": '["a",{"b":1}]'},
    '{"id": "b1", "title": "t", "score": 12345678901234567890123, "weight": true}':
        {"score": "12345678901234567890123", "weight": "true"},
    '{"id": "b1", "title": "", "score": "1", "weight": " 0.5"}': {"title": "", "weight": " 0.5"},
    '{"Id": "b1"}': {"id": None, "title": None, "score": None, "weight": None},
    "{}": {"id": None, "title": None, "score": None, "weight": None},
    '[{"id": "b1"}]': "expected a JSON object",
    '"text"': "expected a JSON object",
    "5": "expected a JSON object",
    "null": "expected a JSON object",
    '{"id": "b1"': "expected a JSON object",
    '{"id": "b1"} {"id": "b2"}': "expected a JSON object",
    '{"id": "b1"}, {"id": "b2"}': "expected a JSON object",
    '{"id": "b1"} more': "expected a JSON object",
    "{'id': 'b1'}": "expected a JSON object",
    "id,title": "expected a JSON object",
    '{"id": "b1", "score": 1, "id": "b2"}': "expected each key once",
}  # fmt: skip


@pytest.mark.spark
@pytest.mark.sessions
def test_lines_of_json_are_split_by_their_keys_and_what_is_no_object_says_so(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    use_case = declared(books, format="jsonl")
    body = "\n\n".join(JSON_LINES).encode() + b'\r\n{"id": "\xff"}\r\n'
    extracts = [
        file_extract(write(tmp_path / name, body, packed=name.endswith("gz")), use_case)
        for name in ("a.jsonl", "b.json.gz")
    ]
    assert extracts[0].checksum == extracts[1].checksum
    assert extracts[0].source == "jsonl"
    written = [line.removeprefix("\ufeff").encode() for line in JSON_LINES] + [b'{"id": "\xff"}']
    for lines in texts_of(spark, extracts, books):
        # Spark takes a byte order mark away.
        assert [bytes(line["raw_line"]) for line in lines] == written
        for line, told in zip(lines, JSON_LINES.values(), strict=False):
            if isinstance(told, str):
                assert told in line["line_defects"][0]
            else:
                assert line["line_defects"] is None
                assert {n: line[n] for n in {**ONE, **told}} == {**ONE, **told}
        assert "UTF-8" in lines[-1]["line_defects"][0]


def test_lines_of_json_without_objects_or_required_keys_are_refused(
    books: UseCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use_case = declared(books, format="jsonl")
    for line, told in {
        b"[1, 2]": r"an array \(6 bytes #",
        b'"Ann Doe"': r"a text \(9 bytes #",
        b"id,Ann Doe": r"no JSON \(10 bytes #",
        b"{": r"an object of several lines \(1 bytes #",
    }.items():
        with pytest.raises(SourceError, match=f"a.jsonl, line 3: .*found {told}.* and no object"):
            file_extract(write(tmp_path / "a.jsonl", b"\n\n" + line + b"\n[3]\n"), use_case)
    with pytest.raises(SourceError, match="line 1: expected a JSON object.*found nothing"):
        file_extract(write(tmp_path / "a.jsonl", b""), use_case)
    with pytest.raises(SourceError, match=r"lacks the columns \['weight'\].*may be 'wheight'"):
        file_extract(
            write(tmp_path / "a.jsonl", b'{"id": 1, "title": 2, "score": 3, "wheight": 4}'),
            use_case,
        )
    capsys.readouterr()
    both = b'{"id": 1, "title": 2, "score": 3}\n{"weight": 4, "isbn": 5}'
    file_extract(write(tmp_path / "a.jsonl", both), use_case)
    assert "kept in bronze alone: ['isbn']" in capsys.readouterr().err


def parquet_file(
    path: Path, compression: str = "zstd", options: Mapping[str, Any] | None = None, **changes: Any
) -> Path:
    times = [datetime(2024, 5, 1, 10, 0, 0, 123456, UTC), None]
    columns: dict[str, Any] = {
        "id": pa.array([b"b1", b"b2"], "binary"),
        "author": pa.array(times, pa.timestamp("us", "UTC")),
        "title": pa.array([date(2024, 5, 1), None]),
        "score": pa.array([1.0, None]),
        "pages": pa.array([Decimal("1234567890123.00"), None], pa.decimal128(20, 2)),
        "weight": pa.array([0.1, 0.5], "float32"),
        "price": pa.array([9.99, float("nan")]),
        "more": pa.array([{"a": [1, 2]}, None]),
        "bytes": pa.array([b"\xff\x00", None]),
    }  # fmt: skip
    table = pa.table({name: values for name, values in {**columns, **changes}.items() if values})
    path.parent.mkdir(exist_ok=True)
    parquet.write_table(table, path, row_group_size=1, compression=compression, **(options or {}))
    return path


@pytest.mark.spark
@pytest.mark.sessions
def test_a_row_of_parquet_is_one_json_object_whatever_its_types_are(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    extract = file_extract(
        parquet_file(tmp_path / "a[1].parquet"), declared(books, format="parquet")
    )
    zoned = pa.array([-1, 1714557600123456789], pa.timestamp("ns", "Europe/Warsaw"))
    naive = pa.array([-1, None], pa.timestamp("ns"))
    pandas = parquet_file(tmp_path / "b.parquet", author=zoned, title=naive, more=None)
    of_pandas = file_extract(pandas, declared(books, format="parquet"))
    (first, second), nanos = texts_of(spark, [extract, of_pandas], books)
    assert [(line["author"], line["title"]) for line in nanos] == [
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999"),
        ("2024-05-01T10:00:00.123456Z", None),
    ], "as pandas writes times"
    assert {name: first[name] for name in DECLARED} == {
        "id": "b1", "author": "2024-05-01T10:00:00.123456Z", "title": "2024-05-01", "score": "1.0",
        "pages": "1234567890123.00", "weight": "0.1", "price": "9.99",
    }  # fmt: skip
    assert (second["id"], second["author"], second["score"], second["price"]) == (
        "b2", None, None, "NaN"
    )  # fmt: skip
    record = json.loads(first["raw_line"])
    assert (record["more"], record["bytes"]) == ({"a": [1, 2]}, "/wA=")
    assert json.loads(second["raw_line"])["more"] is None


def test_what_is_no_parquet_or_lacks_rows_or_columns_is_refused(
    books: UseCase, tmp_path: Path
) -> None:
    use_case = declared(books, format="parquet")
    with pytest.raises(SourceError, match="a.parquet is not a Parquet file.*source.format"):
        file_extract(write(tmp_path / "a.parquet", PLAIN.encode()), use_case)
    with pytest.raises(SourceError, match=r"lacks the columns \['price'\]"):
        file_extract(parquet_file(tmp_path / "b.parquet", price=None), use_case)
    with pytest.raises(SourceError, match=r"\['price'\] more than once"):
        file_extract(parquet_file(tmp_path / "c.parquet", Price=pa.array([1, 2])), use_case)


UNREADABLE = {
    "a time of day; write it as text": pa.array([time(1, 2, 3)] * 2),
    "a half-precision number; write it as float32": pa.array([1, 2], "float16"),
    "a UUID; write it as text": pa.array([b"0123456789abcdef"] * 2, pa.uuid()),
    "a decimal of 50 digits; write it with at most 38": pa.array(
        [Decimal("1.5"), None], pa.decimal256(50, 2)
    ),
    "a time in nanoseconds within another value": pa.array(
        [{"a": 5}, None], pa.struct([("a", pa.timestamp("ns"))])
    ),
}


def test_parquet_of_types_that_spark_can_t_read_is_refused_with_how_to_write_them(
    books: UseCase, tmp_path: Path
) -> None:
    """Spark names a type at most, and reads none of these: each was tried."""
    use_case = declared(books, format="parquet")
    for told, values in UNREADABLE.items():
        path = parquet_file(tmp_path / "a.parquet", more=values)
        with pytest.raises(SourceError, match=rf"a.parquet: expected .*'more(\.a)?' is {told}"):
            file_extract(path, use_case)
    with pytest.raises(SourceError, match="'id' is compressed by brotli; write it with zstd"):
        file_extract(parquet_file(tmp_path / "a.parquet", "brotli"), use_case)
    options = {"use_byte_stream_split": ["price"], "use_dictionary": False}
    with pytest.raises(SourceError, match="found 'price' is encoded as byte_stream_split"):
        file_extract(parquet_file(tmp_path / "a.parquet", options=options), use_case)


def test_column_orders_of_a_folder_s_files_may_differ_and_each_has_its_header(
    books: UseCase, tmp_path: Path
) -> None:
    other = "\n".join(",".join(reversed(line.split(","))) for line in PLAIN.splitlines())
    write(tmp_path / "in" / "b.csv", other.encode())
    write(tmp_path / "in" / "a.csv", PLAIN.encode())
    write(tmp_path / "in" / "_SUCCESS", b"")
    extracts = file_extracts([tmp_path / "in"], books)
    assert [Path(extract.name).name for extract in extracts] == ["a.csv", "b.csv"]
    assert extracts[0].layout.fields == extracts[1].layout.fields[::-1]
    company = tuple(extract.checksum for extract in extracts)
    assert [(e.company, e.place) for e in extracts] == [(company, 0), (company, 1)]


def test_files_of_a_folder_without_rows_are_passed_over_but_not_those_that_are_named(
    books: UseCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = declared(books, format="parquet")
    written = parquet_file(tmp_path / "p" / "part-10.parquet")
    parquet.write_table(parquet.read_table(written).slice(0, 0), tmp_path / "p" / "part-9.parquet")
    write(tmp_path / "c" / "part-10.csv", PLAIN.encode())
    write(tmp_path / "c" / "part-9.csv", f"{HEADER}\n".encode())
    write(tmp_path / "a" / "part-9.arff", b"@attribute id string\n@data\n% none\n")
    write(tmp_path / "j" / "part-9.jsonl", b"\n \n")
    for folder, use_case in (("p", tables), ("c", books)):
        (extract,) = file_extracts([tmp_path / folder], use_case)
        ending = "parquet" if folder == "p" else "csv"
        assert Path(extract.name).name == f"part-10.{ending}"
        assert extract.company == (extract.checksum,)
        assert f"no rows and are passed over: ['part-9.{ending}']" in capsys.readouterr().err
        alone = tmp_path / folder / f"part-9.{ending}"
        with pytest.raises(SourceError, match="has no (rows|lines below its header)"):
            file_extracts([tmp_path / folder, alone], use_case)
        (tmp_path / folder / f"part-10.{ending}").unlink()
        with pytest.raises(SourceError, match="part-9.* has no (rows|lines below its header)"):
            file_extracts([tmp_path / folder], use_case)
    for folder, format in (("a", "arff"), ("j", "jsonl")):
        with pytest.raises(NoRowsError):
            file_extracts([tmp_path / folder], declared(books, format=format))
    write(tmp_path / "c" / "part-9.csv", b"x,y\n")
    write(tmp_path / "c" / "part-10.csv", PLAIN.encode())
    with pytest.raises(SourceError, match="part-9.csv is not a CSV file with the expected columns"):
        file_extracts([tmp_path / "c"], books)


def test_one_file_of_a_folder_that_does_not_fit_is_told_before_any_is_brought_in(
    books: UseCase, tmp_path: Path
) -> None:
    write(tmp_path / "a.csv", PLAIN.encode())
    write(tmp_path / "b.csv", b"x,y\n1,2\n")
    with pytest.raises(SourceError, match="b.csv is not a CSV file with the expected columns"):
        file_extracts([tmp_path], books)


@pytest.mark.spark
@pytest.mark.parametrize("seed", [1])
def test_what_pythons_csv_module_writes_comes_back(
    spark: SparkSession, books: UseCase, tmp_path: Path, seed: int
) -> None:
    """Random texts of quotes, breaks and delimiters, quoted by the rules of RFC 4180."""
    import csv
    import io

    drawn = random.Random(seed)
    extracts: list[Extract] = []
    expected = []
    for number, (delimiter, end) in enumerate([(",", "\n"), (";", "\r\n"), ("\t", "\n")]):
        texts = ["".join(drawn.choices('ab",;\t\n é', k=drawn.randint(1, 12))) for _ in range(200)]
        texts = [f"x{text}x" for text in texts]
        target = io.StringIO()
        writer = csv.writer(target, delimiter=delimiter, lineterminator=end)
        writer.writerow(NAMES)
        writer.writerows([f"b{n}", text, text[::-1], 1, 2, 3, 4] for n, text in enumerate(texts))
        path = write(tmp_path / f"{number}.csv", target.getvalue().encode())
        use_case = declared(books, multiline=True, delimiter=delimiter)
        extracts.append(csv_extract(path, use_case))
        expected.append([(text, text[::-1]) for text in texts])
    found = texts_of(spark, extracts, books)
    assert [[(line["author"], line["title"]) for line in lines] for lines in found] == expected
