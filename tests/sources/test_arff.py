import contextlib
import io
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from scipy.io import arff

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.sources.arff import arff_extract, header_of
from hitcast.sources.content import Content
from tests.ingest.books import books_like
from tests.sources.samples import declared, texts_of, write

HEADER = """% a comment
@RELATION 'my books'

@attribute id string
@ATTRIBUTE 'author' STRING   % who wrote it
@attribute\ttitle\tstring
@attribute "score" {1,2, 'a b'}
@attribute pages{100,101}
  @attribute weight numeric
@attribute 'it\\'s more' DATE 'yyyy-MM-dd HH:mm'
@attribute price real

@Data
"""
LINES = {
    "b1,ann,'a title',1,100,0.5,'2024-05-01 10:00',9.99": ("ann", "a title", "9.99", None),
    'b1, \'o\\\'neill\' ,"a, \\"b\\"", 1 ,100,\t0.5,?,?': ("o'neill", 'a, "b"', None, None),
    "b1,?,'',1,100,0.5,?,\"?\"": (None, None, "?", None),
    "b1,zażółć,x % y,1,100,0.5,?,5": ("zażółć", "x % y", "5", None),
    "b1,few": (None, None, None, "line: expected 8 fields, got 2"),
    "b1,'a, b',few": (None, None, None, "line: expected 8 fields, got 3"),
    "b1,a,b,1,100,0.5,?,1,{5}": (None, None, None, "line: expected 8 fields, got 9"),
    "{0 b1, 2 x}": (None, None, None, "line: expected values in order, got a sparse one"),
}


@pytest.fixture(scope="module")
def books(spotify: UseCase) -> UseCase:
    return declared(books_like(spotify), format="arff")


@pytest.mark.spark
@pytest.mark.sessions
def test_data_lines_are_split_by_the_attributes_of_the_header(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    body = HEADER + "\n% between\n".join(LINES) + "\n"
    latin = declared(books, format="arff", encoding="cp1250")
    windows = body.replace("\n", "\r\n").encode()
    extracts = [
        arff_extract(write(tmp_path / "a.arff", body.encode()), books),
        arff_extract(write(tmp_path / "b.arff.gz", windows, packed=True), books),
        arff_extract(write(tmp_path / "c.arff", body.encode("cp1250")), latin),
    ]
    for lines in texts_of(spark, extracts, books):
        assert [
            (line["author"], line["title"], line["price"], (line["line_defects"] or [None])[0])
            for line in lines
        ] == list(LINES.values())
        assert {line["id"] for line in lines} == {"b1", None}
    assert [bytes(line["raw_line"]).decode() for line in lines[:1]] == list(LINES)[:1]


REFUSED = {
    "CSV": (
        "id,author\nb1,x\n",
        "line 1: expected @relation.*found 9 characters #\\w+; is it an ARFF",
    ),
    "no data": (HEADER, "line 13: expected lines of data below @data, found none"),
    "no @data": (HEADER.replace("@Data\n", ""), "expected @data in the first megabyte"),
    "sparse": (
        HEADER + "\n{0 1}\n",
        r"line 15: .*found sparse ones \(5 characters #\w+\).*SparseToNonSparse",
    ),
    "values": (
        HEADER.replace('"score" {', '"score" set of {Ann Doe,'),
        "line 7: .*found '@attribute \"score\" set of '$",
    ),
    "relational": (
        HEADER.replace("weight numeric", "weight relational"),
        "line 9: expected @attribute NAME and numeric.*found '@attribute weight relational'",
    ),
    "lacking": (HEADER.replace(" price ", " cost ") + "1\n", r"lacks the columns \['price'\]"),
}


@pytest.mark.parametrize(("content", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_such_arff_is_refused_with_the_number_of_the_line(
    books: UseCase, tmp_path: Path, content: str, told: str
) -> None:
    with pytest.raises(SourceError, match=told):
        arff_extract(write(tmp_path / "a.arff", content.encode()), books)


def test_the_names_are_those_that_scipys_reader_finds() -> None:
    """On SciPy's own files, as far as both can read them."""
    found, expected = {}, {}
    for path in sorted(Path(arff.__file__).parent.glob("tests/data/*.arff")):
        with contextlib.suppress(NotImplementedError, ValueError, arff.ParseArffError):
            names = arff.loadarff(io.StringIO(path.read_text()))[1].names()
            found[path.name] = header_of(Content(path, packed=False), "utf-8")[0]
            expected[path.name] = names
    assert found == expected
    assert len(expected) >= 6, sorted(expected)
