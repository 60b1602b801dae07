"""References and curves of rows that lack something, or lie beyond what the training saw."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hitcast.portable.card import InputColumn
from hitcast.portable.explain import curve
from hitcast.portable.insights import Insights, Profile
from hitcast.portable.scorer import Scorer
from tests.small_models import make_scorer

OTHER, EVERY = [0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 2.0, 3.0, 8.0]
OVERALL = Profile(100, 0.25, {"x": 2.0}, {"x": [5.0, 6.0, 7.0, 8.0, 9.0]}, {"x": OTHER})
HELD: dict[str, list[Any]] = {"id": ["a", "b", "c"], "x": [4.0, None, 2.0], "code": [1, 2, 3]}
INSIGHTS = Insights(
    "kind", ("x",), ("id",), OVERALL, {"k": OVERALL}, {"k": HELD}, categories=("code",)
)
X = InputColumn("x", "number")


def test_a_row_without_any_number_is_as_far_from_every_reference() -> None:
    found = INSIGHTS.nearest({"kind": "k"}, 2)
    assert [(row["id"], row["distance"]) for row in found] == [("a", 0.0), ("b", 0.0)]
    assert found[1]["features"] == {"x": None, "code": 2}


def test_a_use_case_without_numbers_has_references() -> None:
    held = {name: HELD[name] for name in ("id", "code")}
    without = replace(INSIGHTS, numbers=(), references={"k": held})
    assert [row["id"] for row in without.nearest({"kind": "k", "code": 3}, 9)] == ["a", "b", "c"]


def test_a_reference_that_has_no_number_in_common_is_not_told_as_near() -> None:
    found = INSIGHTS.nearest({"kind": "k", "x": 2.0}, 9)
    # In spreads of the middle half.
    assert [(row["id"], row["distance"]) for row in found] == [("c", 0.0), ("a", 1.0)]


def test_a_number_that_the_training_never_had_has_a_distance_too() -> None:
    nowhere = replace(INSIGHTS, overall=replace(OVERALL, positive={}, other={}))
    assert [row["distance"] for row in nowhere.nearest({"kind": "k", "x": 2.0}, 9)] == [0.0, 2.0]


@pytest.mark.parametrize(
    ("own", "column", "ends"),
    [
        (2.0, X, (0.0, 8.0)), (None, X, (0.0, 8.0)), (11.5, X, (0.0, 11.5)), (-3, X, (-3.0, 8.0)),
        (11.5, replace(X, minimum=-1.0), (0.0, 11.5)),
        (2.0, replace(X, minimum=-1.0, maximum=20.0), (-1.0, 20.0)),
    ],
)  # fmt: skip
def test_a_curve_runs_where_rows_of_both_classes_lie_and_reaches_the_row(
    own: float | None, column: InputColumn, ends: tuple[float, float], tmp_path: Path
) -> None:
    scorer = Scorer.load(make_scorer(tmp_path, 1.0))
    known = replace(INSIGHTS, overall=replace(OVERALL, every={"x": EVERY}))
    row = {"x": 0.0} if own is None else {"x": own}
    values, chances = curve(scorer, known, row, column)
    assert (values[0], values[-1], len(values)) == (*ends, 41)
    assert chances == sorted(chances)


def test_a_curve_of_insights_of_old_runs_where_the_others_lie(tmp_path: Path) -> None:
    scorer = Scorer.load(make_scorer(tmp_path, 1.0))
    assert curve(scorer, INSIGHTS, {"x": 1.0}, X)[0][-1] == 4.0
