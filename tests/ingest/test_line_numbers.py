"""The numbers that bad lines have in their file, by which they are found in an editor."""

import random
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.line_numbers import line_number
from hitcast.sources.formats import file_extract
from hitcast.sources.lines import only_records
from tests.ingest.books import HEADER, book
from tests.sources.samples import declared, write

SIZE = "spark.sql.files.maxPartitionBytes"
ATTRIBUTES = ("index", "author", "title", "id", "score", "pages", "weight", "price")


@pytest.fixture
def _many_pieces(spark: SparkSession) -> Iterator[None]:
    before = spark.conf.get(SIZE)
    spark.conf.set(SIZE, "4000")
    yield
    spark.conf.set(SIZE, str(before))


def with_gaps(lines: list[str], gaps: list[str]) -> list[str]:
    """The lines with a random number of others, which are no records, below each."""
    drawn = random.Random(1)
    return [x for line in lines for x in (line, *drawn.choices(gaps, k=drawn.choice([0, 1, 9])))]


@pytest.mark.spark
@pytest.mark.sessions
@pytest.mark.usefixtures("_many_pieces")
def test_each_line_has_the_number_that_an_editor_shows_however_many_pieces_it_is_read_in(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    arff = "\n".join(f"@attribute {name} string" for name in ATTRIBUTES)
    rows = [book(n) for n in range(400)]
    spanning = [book(n, title='"a\n\nb"') if n % 9 == 0 else book(n) for n in range(400)]
    files = {
        "lf.csv": "\n".join([HEADER, *with_gaps(rows, ["", "  "])]),
        "crlf.csv": "\r\n".join([HEADER, *with_gaps(rows, [""])]),
        "cr.csv.gz": "\r".join([HEADER, *with_gaps(rows, [""])]),
        "spanning.csv": "\n".join([HEADER, *with_gaps(spanning, [""])]),
        "rows.arff": "\n".join(["% books", "", arff, "@data", *with_gaps(rows, ["", "% a, b"])]),
    }
    frames = []
    for name, text in files.items():
        path = write(tmp_path / name, text.encode(), packed=name.endswith("gz"))
        options = {"format": "arff"} if name == "rows.arff" else {"multiline": name[0] == "s"}
        extract = file_extract(path, declared(books, **options))
        frames.append(extract.read(spark).withColumn("source_checksum", F.lit(name)))
    lines = reduce(DataFrame.unionAll, frames)
    records = only_records(lines, "csv").where(~F.col("raw_line").cast("string").startswith("%"))
    columns = ("source_checksum", "line_id", "raw_line", line_number(lines).alias("number"))
    found = records.select(*columns).collect()
    for name, text in files.items():
        told = {r["number"]: bytes(r["raw_line"]) for r in found if r["source_checksum"] == name}
        shown = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert len(told) == 400
        firsts = {number: raw.decode().split("\n")[0] for number, raw in told.items()}
        assert firsts == {number: shown[number - 1] for number in told}
        pieces = {row["line_id"] >> 33 for row in found if row["source_checksum"] == name}
        assert (len(pieces) > 5) == (name in ("lf.csv", "crlf.csv", "rows.arff"))
