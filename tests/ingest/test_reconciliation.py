"""Whatever is wrong with the lines, their counts reconcile with a plain model of the rules."""

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest import ingest
from hitcast.ingest.line_counts import count_lines
from hitcast.sources.csv import csv_extract
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import balances, book, parsed, write_lines

DEFECTS: list[Callable[[int], str | bytes]] = [
    lambda n: book(n, score=""),
    lambda n: book(n, score="1.5"),
    lambda n: book(n, score="101"),
    lambda n: book(n, id=""),
    lambda n: book(n, weight="NaN"),
    lambda n: book(n, price="1e999"),
    lambda n: book(n).rsplit(",", 2)[0],
    lambda n: book(n) + ",",
    lambda n: book(n, author='"open'),
    lambda n: book(n, title="\udcff").encode(errors="surrogateescape"),
    lambda n: bytes(random.Random(n).choices(range(128, 256), k=40)),
]


def shuffled_lines(seed: int) -> tuple[list[str | bytes], dict[str, int]]:
    """Lines with random defects, repetitions and blank ones; what should become of them."""
    dice = random.Random(seed)
    good = [dice.randrange(40) for _ in range(dice.randrange(60))]
    bad = [dice.choice(DEFECTS)(dice.randrange(40)) for _ in range(dice.randrange(1, 40))]
    lines = [*(book(n, title=f"title {dice.random()}") for n in good), *bad, "", "  "]
    dice.shuffle(lines)
    expected = {"lines": len(good) + len(bad), "bad": len(bad), "keys": len(set(good))}
    return lines, expected


@pytest.mark.spark
@pytest.mark.parametrize("seed", range(2))
def test_random_defects_are_counted_as_the_model_counts_them(
    spark: SparkSession, books: UseCase, tmp_path: Path, seed: int
) -> None:
    lines, expected = shuffled_lines(seed)
    counts = count_lines(parsed(spark, write_lines(tmp_path / "b.csv", lines), books), books)
    assert {"lines": counts.lines, "bad": counts.bad, "keys": counts.keys} == expected


@pytest.mark.spark
@pytest.mark.slow
def test_extracts_one_upon_another_always_reconcile(
    lakehouse: Lakehouse, books: UseCase, tmp_path: Path
) -> None:
    titles: dict[str, str] = {}
    for step in range(3):
        lines, expected = shuffled_lines(100 + step)
        path = write_lines(tmp_path / f"{step}.csv", lines)
        counts = ingest(books, lakehouse, csv_extract(path, books), date(2024, 1, 1 + step))
        assert balances(counts)
        assert counts.rows_read == expected["lines"]
        assert counts.quarantined == expected["bad"]
        titles |= last_titles(lines)
        found = {row["id"]: row["title"] for row in lakehouse.gold.read().collect()}
        assert found == titles


def last_titles(lines: list[str | bytes]) -> dict[str, str]:
    """The title of each book by its last good line: those alone have a number for a title."""
    fields = [line.split(",") for line in lines if isinstance(line, str)]
    return {f[3]: f[2] for f in fields if len(f) > 3 and f[2].startswith("title 0.")}
