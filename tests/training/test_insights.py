import json
from dataclasses import asdict
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.features.label import with_label
from hitcast.portable.insights import Insights
from hitcast.training.insights import find_insights

ROWS = [
    ("a", "x", 1.0, 7, 90),
    ("b", "x", 2.0, 7, 60),
    ("c", "x", 9.0, 0, 10),
    ("d", "y", 5.0, 3, 20),
    ("e", "y", 5.0, None, 70),
]
COLUMNS: dict[str, dict[str, Any]] = {
    "id": {"role": "key", "type": "text", "required": True},
    "kind": {"role": "context", "type": "text"},
    "size": {"role": "feature", "type": "number"},
    "code": {"role": "feature", "type": "category"},
    "score": {"role": "label", "type": "integer", "required": True},
}


@pytest.mark.spark
def test_categories_have_a_most_frequent_value_and_are_told_of_references(
    spark: SparkSession, spotify: UseCase
) -> None:
    kept: dict[str, Any] = spotify.model_dump(
        include={"name", "title", "entity", "split", "training"}
    )
    use_case = UseCase.model_validate(
        {
            **kept,
            "source": {},
            "key": "id",
            "label": {"column": "score", "at_least": 50, "output": "good"},
            "candidates": {"logistic_regression": {"encoding": "one_hot"}},
            "profiles": {"by": "kind", "shown": ["id"]},
            "columns": {name: {**column, "meaning": name} for name, column in COLUMNS.items()},
        }
    )
    rows = spark.createDataFrame(ROWS, "id string, kind string, size double, code int, score int")
    found = find_insights(rows.transform(with_label(use_case.label)), rows, use_case)
    assert (found.numbers, found.categories) == (("size",), ("code",))
    assert dict(found.overall.typical) == {"size": 5.0, "code": 7.0}
    # Nothing lies between two categories: they have no quantiles, and are no part of a distance.
    assert set(found.overall.positive) == set(found.overall.other) == {"size"}
    assert found.profiles["y"].typical["code"] == 3.0
    assert found.nearest({"kind": "x", "size": 2.0, "code": 7}, 1) == [
        {"id": "b", "distance": 0.0, "features": {"size": 2.0, "code": 7}}
    ]
    (lacking,) = found.nearest({"kind": "y", "size": 5.0}, 1)
    assert lacking["features"] == {"size": 5.0, "code": None}
    assert Insights.parse(json.dumps(asdict(found)).encode()) == found
