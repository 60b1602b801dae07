"""The tables that notebooks show of five named classes, on few rows, by exact values."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.errors import HitcastError
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.balance import balance_in_words, count_classes, count_label
from hitcast.exploring.table.bins import count_bins, gaps
from hitcast.exploring.table.categories import apart, count_categories
from hitcast.exploring.table.components import components_in_words, find_components
from hitcast.exploring.table.correlation_words import classes_in_words
from hitcast.exploring.table.correlations import (
    correlate,
    correlate_by_class,
    with_label_columns,
)
from hitcast.exploring.table.group_pictures import draw_by_text
from hitcast.exploring.table.group_words import texts_in_words
from hitcast.exploring.table.groups import label_by
from hitcast.exploring.table.hours import with_hours
from hitcast.exploring.table.label_pictures import draw_label
from hitcast.exploring.table.numbers import summarize
from hitcast.features.label import with_label
from tests.exploring.herbarium import KINDS, declared, frame_of, rows_of

pytestmark = pytest.mark.spark
KEYS = [f"of_{name}" for name in KINDS]


@pytest.fixture(scope="module")
def subject(spark: SparkSession) -> Subject:
    use_case = declared("blossoms")
    rows = frame_of(spark, use_case).transform(with_label(use_case.label))
    return Subject(use_case, rows, version=0, generated=False)


@pytest.fixture(scope="module")
def held(subject: Subject) -> pd.DataFrame:
    return rows_of(subject.use_case)


def test_each_class_is_counted_and_gets_a_bar(subject: Subject) -> None:
    classes = count_classes(subject)
    assert classes.to_numpy().tolist() == [
        [name, rows, rows / 60] for name, rows in zip(KINDS, (20, 16, 12, 8, 4), strict=True)
    ]
    assert count_label(subject) is None
    assert balance_in_words(subject, classes) == [
        "60 pressed blossoms of 5 classes: Aster 33.3 %, Bluebell 26.7 %, Clover 20.0 %, Daisy "
        "13.3 % and Edelweiss 6.7 %.",
        'Whoever always says "Aster" is right 33.3 % of the time and has learned nothing: accuracy '
        "would praise them. Candidates are compared by macro_f1.",
    ]
    axes = draw_label(subject, classes, None).axes[0]
    assert [text.get_text() for text in axes.texts] == [
        "4 (6.7 %)", "8 (13.3 %)", "12 (20.0 %)", "16 (26.7 %)", "20 (33.3 %)",
    ]  # fmt: skip
    one = classes.assign(rows=[60, 0, 0, 0, 0])
    assert "are of one class: nothing to learn" in balance_in_words(subject, one)[0]
    missing = classes.assign(rows=[30, 30, 0, 0, 0])
    assert balance_in_words(subject, missing)[1].startswith("Of Clover, Daisy and Edelweiss there")


def test_quantities_are_summarized_and_binned_by_class(
    subject: Subject, held: pd.DataFrame
) -> None:
    summary = summarize(subject, subject.numbers).set_index("column")
    of_class = held.groupby("kind")["width"].median()
    for name in KINDS:
        assert abs(summary.loc["width", f"median_of_{name}"] - of_class[name]) <= 1
    bins = count_bins(subject, subject.numbers, summary.reset_index())
    counts = bins.groupby("column")[KEYS].sum()
    assert counts.loc[["petals"]].to_numpy().tolist() == [[20, 16, 12, 8, 4]]
    # Aster lies below all others, so one value parts it from them.
    assert gaps(bins)["width"] == pytest.approx(1.0, abs=0.1)
    assert gaps(bins).idxmin() == "month"


def test_categories_are_shares_of_each_class(subject: Subject) -> None:
    found = count_categories(subject, subject.categories)
    assert found[["value", "name", "rows", "of_Aster", "of_Clover"]].to_numpy().tolist() == [
        [0, "white", 24, 10, 0], [1, "blue", 24, 10, 0], [2, "red", 12, 0, 12],
    ]  # fmt: skip
    assert apart(subject, found).to_dict() == {"colour": pytest.approx(1.0)}


def test_the_values_of_a_text_show_the_class_that_most_are_of(subject: Subject) -> None:
    (meadow,) = subject.texts
    found = label_by(subject, meadow)
    assert found[["value", "rows", "largest"]].to_numpy().tolist() == [["north", 40, "Aster"]]
    assert found[KEYS].sum(axis=1).tolist() == [40]
    told = texts_in_words(subject, meadow, found)
    assert told[0] == "1 value of meadow among 40 pressed blossoms."
    assert told[1].startswith("each class has its highest share at one value: Aster at north")
    left = draw_by_text(subject, meadow, found).axes[0]
    widths = [bar.get_width() for container in left.containers for bar in container]
    assert sum(widths) == pytest.approx(1.0)


def test_the_label_has_a_column_for_each_class_where_correlations_are_asked_for(
    subject: Subject, held: pd.DataFrame
) -> None:
    rows, columns = with_label_columns(subject, count_classes(subject))
    assert [column.name for column in columns] == [f"is {name}" for name in KINDS]
    width = subject.use_case.column("width")
    found = correlate(rows, [columns[4], width])
    expected = np.corrcoef(held["kind"] == "Edelweiss", held["width"])[0, 1]
    assert found.loc["is Edelweiss", "width"] == pytest.approx(expected)
    by_class = correlate_by_class(subject, subject.numbers)
    of_aster = held[held["kind"] == "Aster"][["width", "petals", "month"]].corr()
    np.testing.assert_allclose(by_class["Aster"], of_aster, atol=1e-9)
    assert classes_in_words(subject, by_class)[0].startswith("The classes differ most in ")
    nothing = {name: matrix * np.nan for name, matrix in by_class.items()}
    assert "no pair of quantities" in classes_in_words(subject, nothing)[0]


def test_components_hold_as_much_variance_as_principal_components_do(
    subject: Subject, held: pd.DataFrame
) -> None:
    found = find_components(subject, subject.numbers, each=5)
    expected = np.linalg.eigvalsh(held[["width", "petals", "month"]].corr())[::-1] / 3
    assert found.explained == pytest.approx(expected)
    assert found.points["label"].value_counts().sort_index().tolist() == [5, 5, 5, 5, 4]
    assert components_in_words(subject, found)[0].startswith("Two components hold 9")


def test_hours_are_those_of_the_day_whichever_day_it_is(spark: SparkSession) -> None:
    fraud = declared("fraud")
    rows = frame_of(spark, fraud, 30).transform(with_label(fraud.label))
    by_clock, hour = with_hours(Subject(fraud, rows, 0, generated=False), "Time")
    found = label_by(by_clock, hour).set_index("value")
    # One transaction an hour over 30 hours.
    assert found["rows"].tolist() == [2] * 6 + [1] * 18
    assert found["positive"].sum() == 10
    assert list(found.columns) == ["rows", "positive", "share", "share_low", "share_high"]
    pistachio = declared("pistachio")
    nuts = frame_of(spark, pistachio, 3).transform(with_label(pistachio.label))
    with pytest.raises(HitcastError, match="expected a column of type number .* got 'Class'"):
        with_hours(Subject(pistachio, nuts, 0, generated=False), "Class")
