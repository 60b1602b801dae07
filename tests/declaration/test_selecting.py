from typing import Any

import pytest
from pydantic import ValidationError

from hitcast.declaration.candidates import Candidate
from hitcast.declaration.selecting import Selection, components_of


def test_a_selection_says_its_ground_and_its_limit() -> None:
    told = ["none", "variance:0.01", "chi_square:20", "importance:3"]
    assert [Selection.of(text) for text in told] == [
        None,
        Selection("variance", 0.01),
        Selection("chi_square", 20.0),
        Selection("importance", 3.0),
    ]


@pytest.mark.parametrize(
    "told",
    ["", "variance", "variance:", "variance:-1", "variance:inf", "chi_square:0", "chi_square:2.5",
     "importance:x", "best:3", 3, None, True],
)  # fmt: skip
def test_a_selection_that_means_nothing_is_refused(told: object) -> None:
    with pytest.raises(ValueError, match="select is none, variance:0.01"):
        Selection.of(told)


def test_components_are_a_whole_number() -> None:
    assert [components_of(value) for value in (0, 5, 5.0)] == [0, 5, 5]
    for told in (-1, 2.5, "5", True):
        with pytest.raises(ValueError, match="pca is a whole number"):
            components_of(told)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "select of indexes": (
        {"encoding": "indexed", "search": {"select": {"grid": ["none"]}}},
        "select needs encoding: one_hot",
    ),
    "pca of indexes": ({"encoding": "indexed", "fixed": {"pca": 3}}, "pca needs encoding: one_hot"),
    "a value": ({"search": {"select": {"grid": ["none", "best"]}}}, "got 'best'"),
    "a fixed value": ({"fixed": {"select": "variance"}}, "got 'variance'"),
    "half a component": (
        {"search": {"pca": {"grid": [3], "low": 0.5, "high": 3}}}, "whole number.*got 0.5"
    ),
    "parts of components": (
        {"search": {"pca": {"grid": [0, 3], "low": 0, "high": 4}}}, "needs integer: true"
    ),
    "pca twice": ({"pca": 3, "search": {"pca": {"grid": [3]}}}, "pca stands twice"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_candidate_that_reduces_nothing_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Candidate.model_validate({"encoding": "one_hot", **given})


def test_select_and_pca_are_searched() -> None:
    spaces = {
        "select": {"grid": ["none", "importance:20"]},
        "pca": {"grid": [0, 5], "low": 0, "high": 9, "integer": True},
    }
    found = Candidate.model_validate({"encoding": "one_hot", "search": spaces})
    assert found.search["pca"].values == (0, 5, 0.0, 9.0)
