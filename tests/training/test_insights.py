import json
from dataclasses import asdict
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.features.label import with_label
from hitcast.portable.insights import Insights
from hitcast.training.insights import _references, find_insights

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


def use_case_with(spotify: UseCase, label: dict[str, Any], kind: str) -> UseCase:
    """The columns with a label of this kind."""
    kept: dict[str, Any] = spotify.model_dump(
        include={"name", "title", "entity", "split", "training"}
    )
    columns = COLUMNS | {"score": {"role": "label", "type": kind, "required": True}}
    if len(label.get("classes", ())) > 2:
        kept["training"] |= {"metric": "macro_f1"}
    return UseCase.model_validate(
        {
            **kept,
            "source": {},
            "key": "id",
            "label": {"column": "score", "output": "good", **label},
            "candidates": {"logistic_regression": {"encoding": "one_hot"}},
            "profiles": {"by": "kind", "shown": ["id", "score"]},
            "columns": {name: {**column, "meaning": name} for name, column in columns.items()},
        }
    )


@pytest.mark.spark
def test_references_of_two_named_classes_are_the_positive_ones_and_of_more_those_of_all(
    spark: SparkSession, spotify: UseCase
) -> None:
    lines = [("c", "x", 1.0, 7, "elm"), ("b", "x", 2.0, 7, "ash"), ("a", "x", 9.0, 0, "oak")]
    rows = spark.createDataFrame(
        [*lines, ("d", "y", 1.0, 7, "ash")],
        "id string, kind string, size double, code int, score string",
    )
    two = {"classes": ["ash", "oak"], "positive": "ash"}
    for label, expected in (
        (two, {"x": (["b"], ["ash"]), "y": (["d"], ["ash"])}),
        ({"classes": ["ash", "elm", "oak"]},
         {"x": (["a", "b", "c"], ["oak", "ash", "elm"]), "y": (["d"], ["ash"])}),
    ):  # fmt: skip
        use_case = use_case_with(spotify, label, "text")
        asked = use_case.profiles
        assert asked is not None
        found = _references(rows, use_case, asked, ["size"])
        assert {v: (held["id"], held["score"]) for v, held in found.items()} == expected


@pytest.mark.spark
def test_categories_have_a_most_frequent_value_and_are_told_of_references(
    spark: SparkSession, spotify: UseCase
) -> None:
    use_case = use_case_with(spotify, {"at_least": 50}, "integer")
    rows = spark.createDataFrame(ROWS, "id string, kind string, size double, code int, score int")
    found = find_insights(rows.transform(with_label(use_case.label)), rows, use_case)
    assert (found.numbers, found.categories) == (("size",), ("code",))
    assert dict(found.overall.typical) == {"size": 5.0, "code": 7.0}
    # Nothing lies between two categories: they have no quantiles, and are no part of a distance.
    assert set(found.overall.positive) == set(found.overall.other) == {"size"}
    assert found.profiles["y"].typical["code"] == 3.0
    assert found.nearest({"kind": "x", "size": 2.0, "code": 7}, 1) == [
        {"id": "b", "score": 60, "distance": 0.0, "features": {"size": 2.0, "code": 7}}
    ]
    (lacking,) = found.nearest({"kind": "y", "size": 5.0}, 1)
    assert lacking["features"] == {"size": 5.0, "code": None}
    assert Insights.parse(json.dumps(asdict(found)).encode()) == found
