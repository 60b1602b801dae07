"""XGBoost's corners, against XGBoost itself; no Spark needed."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xgboost
from numpy.typing import NDArray

from hitcast.errors import ExportError
from hitcast.portable.boosters import xgboost_classifier
from hitcast.portable.graph import Graph
from tests.portable.graphs import answers

KINDS = ["c", "q", "q"]


def stage(model: xgboost.XGBClassifier) -> Any:
    """What the export reads of a `SparkXGBClassifierModel`."""
    return SimpleNamespace(
        uid="booster",
        get_booster=model.get_booster,
        isDefined=lambda param: param == "missing",
        getOrDefault=lambda param: getattr(model, param),
    )


def random_matrix(rng: np.random.Generator, rows: int, categories: int) -> NDArray[np.float64]:
    numbers = np.where(rng.random((rows, 2)) < 0.2, np.nan, rng.normal(size=(rows, 2)))
    numbers[rng.random((rows, 2)) < 0.2] = 0.0
    return np.column_stack([rng.integers(categories, size=rows).astype(float), numbers])


def trained(seed: int, categories: int, **settings: Any) -> xgboost.XGBClassifier:
    rng = np.random.default_rng(seed)
    rows = random_matrix(rng, 400, categories)
    label = (np.sin(rows[:, 0]) + np.nan_to_num(rows[:, 1], nan=-0.5) > rng.normal(0, 0.3, 400)) * 1
    settings = {"n_estimators": 20, "max_depth": 5, "n_jobs": 1, **settings}
    model = xgboost.XGBClassifier(enable_categorical=True, feature_types=KINDS, **settings)
    return model.fit(rows.astype(np.float32), label)


def largest_difference(
    model: xgboost.XGBClassifier, rows: NDArray[np.float64], known: int | None = None
) -> float:
    """`known`: how many values the first column can have, where that is known."""
    graph = Graph()
    pieces = [graph.input(f"f{i}", text=False) for i in range(3)]
    pieces[0] = replace(pieces[0], categories=known)
    result = xgboost_classifier(stage(model), graph, pieces)
    actual = answers(graph, result, {f"f{i}": rows[:, [i]] for i in range(3)})
    margins = model.predict(rows.astype(np.float32), output_margin=True).astype(np.float64)
    return float(np.max(np.abs(actual - 1 / (1 + np.exp(-margins)))))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("categories", [2, 30, 64, 150])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"missing": 0.0},
        {"max_cat_to_onehot": 500},
        {"booster": "dart", "rate_drop": 0.5},
        {"grow_policy": "lossguide", "max_depth": 0, "max_leaves": 40, "tree_method": "hist"},
        {"base_score": 0.03, "n_estimators": 1},
        {"num_parallel_tree": 3, "subsample": 0.5, "n_estimators": 4},
    ],
    ids=lambda settings: ",".join(settings) or "plain",
)
def test_every_kind_of_booster_agrees(seed: int, categories: int, settings: dict[str, Any]) -> None:
    model = trained(seed, categories, **settings)
    rows = random_matrix(np.random.default_rng(seed + 100), 500, categories + 10)
    assert largest_difference(model, rows) <= 1e-6


@pytest.mark.parametrize("categories", [2, 30, 64, 150])
def test_sets_may_be_asked_for_by_what_is_not_in_them(categories: int) -> None:
    model = trained(1, categories)
    rows = random_matrix(np.random.default_rng(7), 500, categories)
    rows[::50, 0] = np.nan
    assert largest_difference(model, rows, known=categories) <= 1e-6


def test_categories_that_training_never_saw_go_where_xgboost_sends_them() -> None:
    model = trained(0, 40)
    strange = [np.nan, -1.0, 40.0, 63.0, 64.0, 1000.0, 2.0**24, 2.0**24 + 2, 1e12, -0.0]
    rows = np.array([[value, number, np.nan] for value in strange for number in (-1.0, 0.0, 1.0)])
    assert largest_difference(model, rows) <= 1e-6


def test_values_at_a_threshold_are_compared_in_single_precision() -> None:
    model = trained(1, 5)
    tables = json.loads(model.get_booster().save_raw("json"))["learner"]["gradient_booster"]
    cuts = [
        cut
        for table in tables["model"]["trees"]
        for cut, kind, feature in zip(
            table["split_conditions"], table["split_type"], table["split_indices"], strict=True
        )
        if kind == 0 and feature == 1
    ]
    near = [np.float32(cut) * (1 + step) for cut in cuts[:40] for step in (-1e-9, 0.0, 1e-9, 1e-7)]
    rows = np.array([[1.0, float(value), 0.5] for value in near])
    assert largest_difference(model, rows) <= 1e-6


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"objective": "binary:hinge"}, "objective='binary:hinge'"),
        ({"booster": "gblinear"}, "gb"),
        ({"early_stopping_rounds": 1}, "early_stopping_rounds"),
    ],
)
def test_what_has_no_counterpart_is_named(settings: dict[str, Any], named: str) -> None:
    rng = np.random.default_rng(0)
    model = xgboost.XGBClassifier(n_estimators=2, **settings)
    rows, label = rng.normal(size=(50, 3)), rng.integers(2, size=50)
    model.fit(rows, label, eval_set=[(rows, label)], verbose=False)
    with pytest.raises(ExportError, match=named):
        largest_difference(model, np.zeros((1, 3)))
