import json
from pathlib import Path

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest.line_counts import LineCounts, count_lines
from hitcast.ingest.parse import parse
from hitcast.ingest.properties import properties
from hitcast.sources.extract import Extract
from hitcast.sources.table import table_extract
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import books_like

SCHEMA = "id string, author string, title string, score int, pages int, weight double, price double"
ROWS = [
    ("b1", "a", "first", 1, None, 0.5, 1.0),
    ("b1", "a", "second", 2, 7, 0.5, None),
    ("b2", None, "other", 300, 7, 0.5, 9.99),
]

pytestmark = [pytest.mark.spark, pytest.mark.sessions]


@pytest.fixture(scope="module")
def books(spotify: UseCase) -> UseCase:
    return books_like(spotify)


def records_of(extract: Extract, spark: SparkSession) -> list[Row]:
    return extract.read(spark).sort("line_id").collect()


def test_a_table_is_parsed_as_a_file_is(spark: SparkSession, books: UseCase) -> None:
    spark.createDataFrame(ROWS, SCHEMA).createOrReplaceTempView("catalogue")
    extract = table_extract(spark, "catalogue", books)
    assert (extract.source, extract.name, extract.generated) == ("table", "catalogue", False)
    lines = extract.read(spark).withColumn("source_checksum", F.lit(extract.checksum))
    assert count_lines(parse(lines, extract.layout, books), books) == LineCounts(3, 1, 1)


def test_whole_numbers_in_a_column_of_doubles_are_integers(
    spark: SparkSession, books: UseCase
) -> None:
    """A row comes as JSON, whatever the types of its columns are."""
    rows = spark.createDataFrame(ROWS[:2], SCHEMA).selectExpr(
        "id", "author", "title", "score + 0D AS score", "pages * 1e6D AS pages",
        "CAST(weight AS DECIMAL(5, 3)) AS weight", "CAST(price AS FLOAT) AS price", "true AS more",
    )  # fmt: skip
    rows.createOrReplaceTempView("of_doubles")
    extract = table_extract(spark, "of_doubles", books)
    lines = extract.read(spark).withColumn("source_checksum", F.lit("0"))
    found = parse(lines, extract.layout, books).sort("title").collect()
    values = ("is_good", "score", "pages", "weight", "price")
    assert [tuple(row[name] for name in values) for row in found] == [
        (True, 1, None, 0.5, 1.0), (True, 2, 7_000_000, 0.5, None)
    ]  # fmt: skip
    record = json.loads(records_of(extract, spark)[0]["raw_line"])
    assert record["more"] is True
    assert set(record) == {*books.column_names, "more"}


def test_the_checksum_and_the_lines_do_not_mind_the_order_of_rows(
    spark: SparkSession, books: UseCase
) -> None:
    extracts = []
    for rows in (ROWS, ROWS[::-1]):
        spark.createDataFrame(rows, SCHEMA).repartition(3).createOrReplaceTempView("catalogue")
        extracts.append(table_extract(spark, "catalogue", books))
    assert extracts[0].checksum == extracts[1].checksum
    titles = [
        [
            json.loads(row["raw_line"])["title"]
            for row in extract.read(spark).sort("line_id").collect()
        ]
        for extract in extracts
    ]
    assert titles[0] == titles[1]
    spark.createDataFrame(ROWS[:2], SCHEMA).createOrReplaceTempView("catalogue")
    assert table_extract(spark, "catalogue", books).checksum != extracts[0].checksum


def test_a_delta_folder_says_whether_its_rows_were_generated(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    gold = Lakehouse(spark, tmp_path, "books").gold
    gold.create_from(spark.createDataFrame(ROWS, SCHEMA), properties(True, {}))
    assert table_extract(spark, f"delta.`{gold.place}`", books).generated


def test_a_table_that_does_not_fit_is_refused(spark: SparkSession, books: UseCase) -> None:
    for name in ("no_such_table", "not a name", "delta.`/no/such/folder`"):
        with pytest.raises(SourceError, match="found none that Spark can read"):
            table_extract(spark, name, books)
    rows = spark.createDataFrame(ROWS, SCHEMA)
    rows.drop("price").createOrReplaceTempView("lacking")
    with pytest.raises(SourceError, match=r"lacks the columns \['price'\]: expected .*found"):
        table_extract(spark, "lacking", books)
    rows.limit(0).createOrReplaceTempView("without_rows")
    with pytest.raises(SourceError, match="has no rows"):
        table_extract(spark, "without_rows", books)
