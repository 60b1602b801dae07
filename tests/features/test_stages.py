from collections.abc import Sequence
from typing import Any

import pytest
from pyspark.ml import Pipeline
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.candidates import Candidate
from hitcast.declaration.columns import Column, Transform
from hitcast.features.stages import FEATURES, feature_stages, feature_types

pytestmark = [pytest.mark.spark, pytest.mark.sessions]

COLUMNS = (
    Column(name="kind", role="context", type="text", required=True, meaning="a text"),
    Column(name="size", role="feature", type="number", required=True, meaning="a number"),
    Column(name="rest", role="feature", type="number", meaning="a number that may be missing"),
)


@pytest.fixture
def rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(
        [("a", 1.0, 10.0), ("a", 2.0, None), ("a", 3.0, 30.0), ("b", 4.0, 20.0)],
        "kind string, size double, rest double",
    )


def features(rows: DataFrame, unseen: Sequence[Any], candidate: Candidate) -> list[list[float]]:
    """Fit on `rows`, transform `unseen`."""
    fitted = Pipeline(stages=feature_stages(COLUMNS, candidate)).fit(rows)
    new = rows.sparkSession.createDataFrame(unseen, rows.schema)
    return [list(row[0].toArray()) for row in fitted.transform(new).select(FEATURES).collect()]


def test_indexed_texts_keep_a_place_for_what_was_never_seen(rows: DataFrame) -> None:
    made = features(
        rows, [("a", 1.0, 5.0), ("b", 1.0, None), ("new", 1.0, 5.0)], Candidate(encoding="indexed")
    )
    # The missing number got the median, 20; "new" shares the last index.
    assert made == [[0.0, 1.0, 5.0], [1.0, 1.0, 20.0], [2.0, 1.0, 5.0]]


def test_one_hot_texts_are_a_column_a_value(rows: DataFrame) -> None:
    made = features(rows, [("b", 1.0, 5.0), ("new", 1.0, 5.0)], Candidate(encoding="one_hot"))
    assert made == [[0.0, 1.0, 1.0, 5.0], [0.0, 0.0, 1.0, 5.0]]


CODED = (
    Column(name="code", role="feature", type="category", required=True, meaning="stands for it"),
    Column(name="tag", role="feature", type="category", meaning="may be missing"),
    COLUMNS[1],
)


def test_categories_are_indexed_and_encoded_as_texts_are(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [(5, 1, 0.5), (5, None, 1.5), (-1, 1, 2.5), (-1, 2, 2.5), (5, 1, 2.5)],
        "code int, tag int, size double",
    )
    new = spark.createDataFrame([(-1, 2, 1.0), (3, None, 1.0)], rows.schema)
    made = {}
    for encoding in ("indexed", "one_hot"):
        stages = feature_stages(CODED, Candidate.model_validate({"encoding": encoding}))
        found = Pipeline(stages=stages).fit(rows).transform(new).select(FEATURES).collect()
        made[encoding] = [list(row[0].toArray()) for row in found]
    # What was never seen, and what is missing, have the last index and no column of their own.
    assert made["indexed"] == [[1.0, 1.0, 1.0], [2.0, 2.0, 1.0]]
    assert made["one_hot"] == [[0.0, 1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0, 1.0]]


def test_a_candidate_may_take_categories_for_numbers(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [(5, 1, 0.5), (5, None, 1.5), (-1, 3, 2.5)], "code int, tag int, size double"
    )
    candidate = Candidate(encoding="one_hot", codes="numbers")
    fitted = Pipeline(stages=feature_stages(CODED, candidate)).fit(rows)
    made = [list(row[0].toArray()) for row in fitted.transform(rows).select(FEATURES).collect()]
    assert made == [[5.0, 1.0, 0.5], [5.0, 1.0, 1.5], [-1.0, 3.0, 2.5]]


def test_scaling_gives_each_element_a_standard_deviation_of_one(rows: DataFrame) -> None:
    made = features(rows, [("a", 2.0, 20.0)], Candidate(encoding="one_hot", scaling="standard"))
    assert made[0][2] == pytest.approx(2.0 / 1.2909944487358056)


def test_components_are_as_many_as_asked_for(rows: DataFrame) -> None:
    candidate = Candidate(encoding="one_hot", scaling="standard", pca=2)
    assert [len(vector) for vector in features(rows, [("a", 2.0, 20.0)], candidate)] == [2]


def test_columns_called_as_what_stages_make_of_others_stay_themselves(spark: SparkSession) -> None:
    names = ["size", "size_filled", "size_log1p", "size_spline_0", "kind_index", "vector_0",
             "selected", "components"]  # fmt: skip
    transforms: list[Transform | None] = ["log1p", "spline", *[None] * 6]
    columns = [
        Column(name=name, role="feature", type="number", meaning="a number", transform=transform)
        for name, transform in zip(names, transforms, strict=True)
    ]
    rows = spark.createDataFrame(
        [("a", *map(float, range(8))), ("b", *map(float, range(8, 0, -1)))],
        "kind string, " + ", ".join(f"{name} double" for name in names),
    )
    candidate = Candidate(encoding="one_hot", scaling="standard", pca=99)
    stages = feature_stages([COLUMNS[0], *columns], candidate)
    found = Pipeline(stages=stages).fit(rows).transform(rows).select(FEATURES).collect()
    # Two of the text, eight numbers and four bends: as many components as there are.
    assert [len(row[0]) for row in found] == [14, 14]


def test_xgboost_is_told_which_elements_are_categories() -> None:
    assert feature_types(COLUMNS, []) == ["c", "q", "q"]
    assert feature_types(CODED, []) == ["c", "c", "q"]
