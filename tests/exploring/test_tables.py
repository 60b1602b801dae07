"""The tables that notebooks show, on few rows of another use case, by exact values."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.label import Label
from hitcast.declaration.sections import Gates
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.subject import Subject, open_subject
from hitcast.exploring.table.balance import balance_in_words, count_classes
from hitcast.exploring.table.bins import count_bins, gaps
from hitcast.exploring.table.correlation_words import correlations_in_words
from hitcast.exploring.table.correlations import correlate
from hitcast.exploring.table.groups import intervals, label_by
from hitcast.exploring.table.missing import count_missing, count_reasons, missing_in_words
from hitcast.exploring.table.numbers import summarize
from hitcast.exploring.trends.quality import draw_quality, quality_in_words, tell_quality
from hitcast.exploring.trends.versions import list_versions, tell_versions
from hitcast.features.label import with_label
from hitcast.ingest.gates import Counts, decide_gates
from hitcast.ingest.quality import ROWS as ROWS_TYPE
from hitcast.ingest.quality import Judgement, Tally, read_quality, write_quality
from hitcast.ingest.showings import Showing
from hitcast.sources.layout import Layout
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse

pytestmark = pytest.mark.spark
SCORE = Label(column="score", at_least=50, output="sells")
SCHEMA = (
    "id string, author string, title string, score int, pages int, weight double, price double, "
    "extraction_date date"
)
DAY, LATER = date(2024, 5, 1), date(2024, 6, 1)
ROWS = [
    ("b1", "x", "one", 10, 1, 0.0, 2.0, DAY),
    ("b2", "x", "two", 60, 2, 1.0, None, DAY),
    ("b3", "y", "three", 20, 3, 2.0, 4.0, DAY),
    ("b4", "y", "four", 50, 4, 3.0, 6.0, DAY),
    ("b5", None, "five", 0, None, 4.0, 8.0, DAY),
]


@pytest.fixture
def rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(ROWS, SCHEMA).transform(with_label(SCORE))


@pytest.fixture
def subject(rows: DataFrame, books: UseCase) -> Subject:
    return Subject(books, rows, version=0, generated=False)


def test_a_summary_passes_over_null(subject: Subject, books: UseCase) -> None:
    found = summarize(subject, [books.column("pages"), books.column("weight")])
    expected = pd.DataFrame(
        {
            "column": ["pages", "weight"],
            "unit": ["pages", "kg"],
            "mean": [2.5, 2.0],
            "sd": [np.std([1, 2, 3, 4], ddof=1), np.std(range(5), ddof=1)],
            "min": [1.0, 0.0],
            "low": [1.0, 0.0],
            "q25": [1.0, 1.0],
            "median": [2.0, 2.0],
            "q75": [3.0, 3.0],
            "high": [4.0, 4.0],
            "max": [4.0, 4.0],
            "median_positive": [2.0, 1.0],
            "median_other": [1.0, 2.0],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


def test_whole_numbers_get_bins_of_their_own_and_tails_fall_into_the_last(
    subject: Subject, books: UseCase
) -> None:
    pages, weight = books.column("pages"), books.column("weight")
    summary = summarize(subject, [pages, weight]).assign(low=[1.0, 1.0], high=[3.0, 3.0])
    found = count_bins(subject, [pages, weight], summary, most=4)
    expected = pd.DataFrame(
        {
            "column": ["pages"] * 3 + ["weight"] * 4,
            "start": [0.5, 1.5, 2.5, 1.0, 1.5, 2.0, 2.5],
            "end": [1.5, 2.5, 3.5, 1.5, 2.0, 2.5, 3.0],
            "positive": [0, 1, 1, 1, 0, 0, 1],
            "other": [1, 0, 1, 1, 0, 1, 1],
        }
    )
    pd.testing.assert_frame_equal(found, expected)
    assert gaps(found).to_dict() == pytest.approx({"pages": 0.5, "weight": 1 / 6})


def test_a_column_without_a_value_or_with_one_alone_has_a_picture_too(
    spark: SparkSession, books: UseCase
) -> None:
    empty = [
        ("b1", "x", "one", 60, None, 1.0, None, DAY),
        ("b2", "x", "two", 0, None, 1.0, None, DAY),
    ]
    rows = spark.createDataFrame(empty, SCHEMA).transform(with_label(SCORE))
    subject = Subject(books, rows, version=0, generated=False)
    columns = [books.column(name) for name in ("pages", "weight")]
    found = count_bins(subject, columns, summarize(subject, columns))
    assert found.to_numpy().tolist() == [["weight", 0.5, 1.5, 1, 1]]


def test_a_label_is_told_apart_by_texts_and_by_numbers(subject: Subject, books: UseCase) -> None:
    by_text = label_by(subject, books.column("author"))
    low, high = intervals(pd.Series([1]), pd.Series([2]))
    expected = pd.DataFrame(
        {
            "value": ["x", "y"],
            "rows": [2, 2],
            "positive": [1, 1],
            "share": [0.5, 0.5],
            "share_low": [low[0]] * 2,
            "share_high": [high[0]] * 2,
            "mean": [35.0, 35.0],
            "q25": [10.0, 20.0],
            "median": [10.0, 20.0],
            "q75": [60.0, 50.0],
        }
    )
    pd.testing.assert_frame_equal(by_text, expected)
    by_number = label_by(subject, books.column("pages"))
    assert by_number[["value", "share"]].to_numpy().tolist() == [[1, 0], [2, 1], [3, 0], [4, 1]]


def test_wilsons_intervals_are_those_of_the_textbook() -> None:
    low, high = intervals(pd.Series([0, 5, 10]), pd.Series([10, 10, 10]))
    assert low.round(4).tolist() == [0.0, 0.2366, 0.7225]
    assert high.round(4).tolist() == [0.2775, 0.7634, 1.0]


def test_correlations_are_pairwise_and_of_constants_unknown(
    rows: DataFrame, subject: Subject, books: UseCase
) -> None:
    columns = [books.column(name) for name in ("score", "pages", "weight", "price")]
    found = correlate(rows, columns)
    expected = rows.toPandas()[["score", "pages", "weight", "price"]].corr()
    pd.testing.assert_frame_equal(found, expected)
    assert "Correlated most with score: pages +0.434" in correlations_in_words(subject, found)[0]
    constant = correlate(
        rows.selectExpr("*", "1.0 as one").drop("price").withColumnRenamed("one", "price"), columns
    )
    assert constant["price"].isna().tolist() == [True, True, True, False]


def test_missing_values_and_classes_are_counted(subject: Subject) -> None:
    found = count_missing(subject)
    assert found[:3].to_numpy().tolist() == [
        ["author", 1, 0.2],
        ["pages", 1, 0.2],
        ["price", 1, 0.2],
    ]
    classes = count_classes(subject)
    assert classes.to_numpy().tolist() == [["sells", 2, 0.4], ["not sells", 3, 0.6]]
    assert balance_in_words(subject, classes)[0] == (
        "Of 5 books 40.0 % are sells (score of 50 points or more): 2 against 3."
    )


def test_reasons_are_counted_without_the_wrong_value(
    spark: SparkSession, subject: Subject, tmp_path: Path
) -> None:
    quarantine = Lakehouse(spark, tmp_path, "books").quarantine
    assert count_reasons(quarantine).empty
    reasons = [(["weight: expected a, got '7'", "price: expected b, got 'x, got y'"],)]
    reasons += [(["weight: expected a, got nothing"],)]
    quarantine.create_from(spark.createDataFrame(reasons, "reasons array<string>"), {})
    found = count_reasons(quarantine)
    assert found.to_numpy().tolist() == [["weight: expected a", 2], ["price: expected b", 1]]
    missing = count_missing(subject)
    told = missing_in_words(subject, missing, found, {"read": 7, "quarantined": 2})
    assert told[0] == (
        "Missing in gold: author 1 times, pages 1 times and price 1 times; all other columns are "
        "complete."
    )
    assert "Of 7 lines that were read 2 are in quarantine (28.6 %)" in told[1]


def test_versions_are_told_with_what_arrived_in_each(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    gold = Lakehouse(spark, tmp_path, "books").gold
    columns = spark.createDataFrame(ROWS, SCHEMA)
    gold.create_from(columns, {GENERATED: "true"})
    # A null that moves to another column is a change; a row that comes again is none.
    incoming = spark.createDataFrame(
        [("b2", "x", "two", 60, None, 1.0, 2.0, LATER), ("b6", "z", "six", 90, 9, 5.0, 1.0, LATER)],
        SCHEMA,
    )
    gold.merge(incoming, "held.id = incoming.id", "later")
    spark.sql(f"ALTER TABLE delta.`{gold.place}` SET TBLPROPERTIES ('kept' = 'yes')")

    assert list_versions(gold, 5)["version"].tolist() == [0, 1]
    assert list_versions(gold, 1)["version"].tolist() == [1]
    found = tell_versions(gold, books, [0, 1])
    names = ["version", "date", "part", "rows", "new", "changed", "positive", "share"]
    expected = [
        [0, DAY, "all", 5, 5, 0, 2, 0.4],
        [0, DAY, "arrived", 5, 5, 0, 2, 0.4],
        [1, LATER, "all", 6, 1, 1, 3, 0.5],
        [1, LATER, "arrived", 2, 1, 1, 2, 1.0],
    ]
    assert found[names].to_numpy().tolist() == expected
    quartiles = found[["weight_q25", "weight_median", "weight_q75"]].to_numpy().tolist()
    assert quartiles[2:] == [[1.0, 2.0, 4.0], [1.0, 1.0, 5.0]]
    subject = open_subject(gold, books)
    assert (subject.noun, subject.note) == ("generated books", "generated rows, gold version 2")


def test_quality_is_told_by_extract_and_rule_with_what_was_refused(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    quality = Lakehouse(spark, tmp_path, "books").quality
    assert quality_in_words(tell_quality(quality)) == [
        "No extract was judged yet: the next ingest begins a table of quality."
    ]
    broken = {"score.maximum": 40, "pages.type": 20}
    tallies = {1: Tally(100, 0), 2: Tally(100, 60, broken), 3: Tally(50, 1, {"line.fields": 1})}
    now = datetime(2024, 5, 1, tzinfo=UTC)
    strict = books.model_copy(update={"gates": Gates()})
    first, *rest = [
        Judgement(Showing(n, f"c{n}", date(2024, 5, n), now, f"{n}.csv", Layout("csv")), tally,
                  decide_gates(Counts(tally.lines, tally.bad, DAY), None, strict.gates))
        for n, tally in tallies.items()
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        # A table from before there were several sources lacks the column.
        patched.setattr("hitcast.ingest.quality.ROWS", ROWS_TYPE.replace("origin string, ", ""))
        write_quality(quality, [first], books, "rules", 0, generated=False)
    assert "origin" not in quality.columns()
    assert tell_quality(quality)["origin"].tolist() == [""]
    write_quality(quality, rest, books, "rules", 1, generated=False)
    assert set(read_quality(quality)[0]) == {1, 2, 3}
    found = tell_quality(quality)
    assert found[["number", "verdict", "rule", "bad_lines", "bad_share"]].to_numpy().tolist() == [
        [1, "passed", "", 0, 0.0],
        [2, "refused", "score.maximum", 40, 0.4],
        [2, "refused", "pages.type", 20, 0.2],
        [3, "passed", "line.fields", 1, 0.02],
    ]
    assert set(found["origin"]) == {""}
    assert quality_in_words(found) == [
        "3 extracts judged. Of the last one's (2024-05-03) 50 lines 2.0 % are bad (before: 60.0 % "
        "of 2024-05-02); gates said: passed.",
        "Broken most: line.fields, by 1 of them.",
        "Refused, and not in gold: 2.csv of 2024-05-02.",
    ]
    axes = draw_quality(found, "real rows").axes[0]
    lines = {line.get_label(): np.asarray(line.get_ydata()).tolist() for line in axes.lines}
    assert lines["score.maximum"] == [0.0, 0.4, 0.0]
    assert [bar.get_height() for bar in axes.containers[0]] == [0.0, 0.6, 0.02]
    of_two = found.assign(origin=["letters", "verses", "verses", "letters"])
    assert quality_in_words(of_two) == [
        "3 extracts of 2 sources judged. Of the last one's (2024-05-03, letters) 50 lines 2.0 % "
        "are bad (before: 0.0 % of 2024-05-01); gates said: passed.",
        "Broken most: line.fields, by 1 of them.",
        "Refused, and not in gold: 2.csv of 2024-05-02, verses.",
    ]
    ticks = draw_quality(of_two, "real rows").axes[0].get_xticklabels()
    assert ticks[1].get_text() == "02 May 24\nverses\nrefused"
