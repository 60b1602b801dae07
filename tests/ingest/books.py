"""A small use case and its extracts: books, with a rule of each kind."""

from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.label import Label
from hitcast.declaration.sections import Gate, Gates, Source
from hitcast.declaration.use_case import UseCase
from hitcast.ingest import IngestCounts
from hitcast.ingest.parse import parse
from hitcast.sources.csv import csv_extract
from hitcast.tables.lakehouse import Lakehouse

HEADER = ",author,title,id,score,pages,weight,price"
DECLARED = ("id", "author", "title", "score", "pages", "weight", "price")
TABLES = ("bronze", "quarantine", "silver", "gold")


def books_like(spotify: UseCase) -> UseCase:
    """A use case with a required and an optional column of each type."""
    columns = (
        Column(name="id", role="key", type="text", required=True, pattern="b[0-9]+", meaning="id"),
        Column(name="author", role="group", type="text", meaning="who wrote it"),
        Column(name="title", role="identity", type="text", required=True, meaning="its title"),
        Column(
            name="score", role="label", type="integer", required=True, minimum=0, maximum=100,
            unit="points", meaning="how well it sells",
        ),
        Column(
            name="pages", role="feature", type="integer", minimum=1, unit="pages", meaning="length"
        ),
        Column(
            name="weight", role="feature", type="number", required=True, minimum=0, maximum=5.5,
            unit="kg", meaning="weight",
        ),
        Column(name="price", role="feature", type="number", meaning="price"),
    )  # fmt: skip
    return spotify.model_copy(
        update={
            "name": "books",
            "key": "id",
            "group": "author",
            "columns": columns,
            "label": Label(column="score", at_least=50, output="sells"),
            # Tests bring in whatever lines they like.
            "gates": Gates(max_quarantined=Gate(limit=1.0)),
            "source": Source(ignored_columns=("", "Unnamed: 0")),
        }
    )


def book(number: int, **changes: str) -> str:
    """A line of an extract, with no fault but those asked for."""
    values = {
        "index": str(number),
        "author": f"author {number % 7}",
        "title": f"title {number}",
        "id": f"b{number}",
        "score": str(number % 101),
        "pages": str(100 + number),
        "weight": "0.5",
        "price": "9.99",
    }
    return ",".join((values | changes).values())


def parsed(spark: SparkSession, path: Path, use_case: UseCase) -> DataFrame:
    """What the parse makes of a file's lines."""
    extract = csv_extract(path, use_case)
    records = extract.read(spark).withColumn("source_checksum", F.lit(extract.checksum))
    return parse(records, extract.layout, use_case)


def write_lines(path: Path, lines: Sequence[str | bytes], header: str = HEADER) -> Path:
    """Write an extract; lines of bytes go into the file as they are."""
    parts = [line if isinstance(line, bytes) else line.encode() for line in (header, *lines)]
    path.write_bytes(b"\n".join(parts) + b"\n")
    return path


def balances(counts: IngestCounts) -> bool:
    """Whether the counts reconcile."""
    kept = counts.inserted + counts.updated + counts.unchanged
    return counts.rows_read == kept + counts.duplicates + counts.quarantined


def versions(lakehouse: Lakehouse) -> dict[str, int | None]:
    """The tables' versions; None where there is no table."""
    tables = map(lakehouse.table, TABLES)
    return {table.name: table.version() if table.exists() else None for table in tables}


def contents(lakehouse: Lakehouse) -> dict[str, list[str]]:
    """All rows of all tables as text, in order, without the time of the run."""
    found = {}
    for name in TABLES:
        rows = lakehouse.table(name).read().drop("ingested_at").collect()
        found[name] = sorted(str(row.asDict()) for row in rows)
    return found
