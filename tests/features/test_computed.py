from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import DataFrame, SparkSession

from hitcast.features.computed import (
    KNOTS_AT,
    MOST_VALUES,
    Computed,
    Computing,
    computed_of,
    hinges,
    statement_of,
)

NASTY = ("o'clock", 'a "b"', "back\\slash", "*/ DROP", "/* x", "é\n", "`tick`", "")
COLUMNS = [
    Computed("r", "ratio", ("a", "b")),
    Computed("d", "difference", ("a", "b")),
    Computed("h", "hour_of_day", ("a",)),
    Computed("l", "log1p", ("a",)),
    Computed("k", "hinge", ("a",), -1.5e-7),
    Computed("f", "frequency", ("t",), shares=tuple((text, 0.125) for text in NASTY)),
    Computed("g", "frequency", ("b",), shares=((5, 0.5), (-1, 0.25))),
]


def test_a_statement_tells_what_it_computes() -> None:
    assert computed_of(statement_of(COLUMNS)) == COLUMNS


def test_a_statement_that_computes_something_else_than_it_tells_is_none_of_ours() -> None:
    statement = statement_of(COLUMNS)
    others = [statement.replace("0D", "1D", 1), statement.replace("hitcast [", "hitcast [{}, "),
              statement.replace("hitcast [", "hitcast ["[:-1]), "SELECT * FROM __THIS__",
              "SELECT * FROM __THIS__ /* hitcast 3 */"]  # fmt: skip
    assert [computed_of(other) for other in others] == [None] * len(others)


def test_a_way_that_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown way 'root'"):
        statement_of([replace(COLUMNS[0], how="root")])


@pytest.fixture
def rows(spark: SparkSession) -> DataFrame:
    values = [(float(n), n % 3, NASTY[n % len(NASTY)]) for n in range(100)]
    return spark.createDataFrame([*values, (None, 0, None)], "a double, b int, t string")


@pytest.mark.spark
@pytest.mark.sessions
def test_knots_and_frequencies_are_those_of_the_rows_of_the_fit(
    rows: DataFrame, tmp_path: Path
) -> None:
    wanted = [
        Computed("a", "spline", ("a",)),
        Computed("often", "frequency", ("t",)),
        Computed("as_often", "frequency", ("b",)),
        Computed("hour", "hour_of_day", ("a",)),
    ]
    fitted = Pipeline(stages=[Computing(wanted)]).fit(rows)
    fitted.save(str(tmp_path / "model"))
    loaded = PipelineModel.load(str(tmp_path / "model"))
    new = rows.sparkSession.createDataFrame(
        [(95.5, 0, NASTY[3]), (-3.0, 7, "new"), (None, None, None)], rows.schema
    )
    # A spline is a line of its own beside the column: what lies above each knot.
    above = [[95.5 - knot for knot in (4.0, 34.0, 64.0, 94.0)], [0.0] * 4, [0.0] * 4]
    found = loaded.transform(new).select(*hinges("a"), "often", "as_often", "hour").collect()
    assert len(KNOTS_AT) == 4
    for row, expected in zip(found, above, strict=True):
        assert list(row[:4]) == pytest.approx(expected, abs=1.0)
    # "*/ DROP" is one value of eight; there are 101 rows.
    assert [tuple(row[4:]) for row in found] == [
        (13 / 101, 35 / 101, 0),
        (0.0, 0.0, 23),
        (0.0, 0.0, None),
    ]


@pytest.mark.spark
def test_the_most_frequent_values_have_a_frequency(spark: SparkSession) -> None:
    rows = spark.range(MOST_VALUES + 50).selectExpr("CAST(id AS STRING) AS t")
    more = rows.union(spark.createDataFrame([("549",), ("x/y",), ("x/y",)], "t string"))
    stage = Computing([Computed("f", "frequency", ("t",))]).fit(more)
    (column,) = computed_of(stage.getStatement()) or []
    assert [value for value, _ in column.shares[:3]] == ["549", "x/y", "0"]
    assert len(column.shares) == MOST_VALUES
