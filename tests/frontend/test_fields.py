"""Inputs without a range, and where a studio begins without an example."""

from dataclasses import replace
from typing import Any

import pytest

from answers import Input, Said, Schema
from components.charts.chances import bars
from components.charts.strips import beside
from components.controls import codes_of, slides
from components.fields import decimals, step_of
from components.references import of_class
from components.track import first, legal_range
from components.words import shown
from profiles import Profile

NUMBER = Input("size", "feature", "number", True, None, None, "mm", "Size", None)
WHOLE = replace(NUMBER, type="integer")


def usual(low: float, high: float) -> dict[str, Any]:
    return {"median": (low + high) / 2, "low": low, "high": high}


@pytest.mark.parametrize(
    ("low", "high", "step", "whole"),
    [
        (0.5, 4.5, 0.1, 1), (-2.0, 2.0, 0.1, 1), (0.0, 0.0002, 5e-6, 1), (6e4, 1.1e5, 1000.0, 1000),
        (0.0, 365.0, 10.0, 10), (3.0, 3.0, 0.01, 1),
    ],
)  # fmt: skip
def test_a_step_is_round_and_suits_where_rows_lie(
    low: float, high: float, step: float, whole: int
) -> None:
    assert step_of(replace(NUMBER, typical=usual(low, high))) == pytest.approx(step)
    assert step_of(replace(WHOLE, typical=usual(low, high))) == whole
    assert (step_of(NUMBER), step_of(WHOLE)) == (0.01, 1)


def test_a_step_can_be_seen() -> None:
    assert [decimals(step) for step in (5e-6, 0.1, 10.0)] == [7, 2, 2]


def test_values_are_shown_so_that_rows_can_be_told_apart() -> None:
    assert shown(replace(NUMBER, typical=usual(0.0041, 0.0043)), 0.00415) == "0.004150 mm"
    assert shown(replace(NUMBER, typical=usual(-2.0, 2.0)), -0.25) == "-0.25 mm"
    assert shown(replace(NUMBER, typical=usual(0, 365)), 77.0) == "77.0 mm"
    assert shown(NUMBER, 77.0) == "77.0 mm"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (replace(NUMBER, example=2.5), 2.5),
        (NUMBER, 0.0),
        (replace(NUMBER, minimum=3.0), 3.0),
        (replace(WHOLE, minimum=-9, maximum=-2), -2),
        (replace(NUMBER, type="text"), None),
        (replace(NUMBER, type="text", private=True), "size"),
        (replace(NUMBER, type="text", values=["b", "a"]), "a"),
    ],
)
def test_without_an_example_a_studio_begins_with_a_legal_value(
    column: Input, value: object
) -> None:
    found = first(column)
    assert (found, type(found)) == (value, type(value))


def test_a_range_with_an_open_end_is_told() -> None:
    told = [legal_range(*ends) for ends in ((0, 1.5), (0, None), (None, 2), (None, None))]
    assert told == ["0 to 1.5", "at least 0", "at most 2", "a finite number"]


def test_only_a_number_with_both_ends_slides_and_a_category_is_chosen() -> None:
    bounded = replace(WHOLE, minimum=0, maximum=3)
    assert (slides(bounded), slides(replace(bounded, maximum=None))) == (True, False)
    code = replace(bounded, category=True)
    assert (slides(code), codes_of(code)) == (False, [0, 1, 2, 3])
    assert codes_of(replace(code, maximum=10**6)) == codes_of(bounded) == []
    assert codes_of(replace(bounded, names={"0": "a", "1": "b"})) == [0, 1]


def test_a_row_is_compared_with_rows_of_its_class() -> None:
    of = {name: {"size": [place] * 5} for place, name in enumerate(("positive", "other", "c"))}
    profile = Profile(1, 0.5, {}, of["positive"], of["other"], by_class={"c": of["c"]})
    plain = Schema("", "", "", "", None, 1, [])
    two, three = replace(plain, classes=("a", "b")), replace(plain, classes=("a", "b", "c"))
    assert beside(plain, Said(0, 0.1, {}), profile) == of["positive"]
    assert beside(two, Said("b", 0.9, {}), profile) == of["positive"]
    assert beside(two, Said("a", 0.1, {}), profile) == of["other"]
    assert beside(three, Said("c", 0.9, {}), profile) == of["c"]
    assert beside(three, Said("a", 0.9, {}), profile) == {}


def test_references_are_called_what_they_are() -> None:
    words = {"positive": "popular"}
    schema = Schema("", "track", "popular", "", None, 1, [], words=words)
    two, three = replace(schema, classes=("a", "b")), replace(schema, classes=("a", "b", "c"))
    assert [of_class(each, "tracks") for each in (schema, two, three)] == [
        "popular tracks", "tracks of class b", "tracks",
    ]  # fmt: skip


def test_an_answer_of_a_batch_is_read_whatever_its_classes() -> None:
    plain = Schema("", "", "kind", "", None, 1, [])
    two, three = replace(plain, classes=("a", "b")), replace(plain, classes=("a", "b", "c"))
    assert Said.of({"kind": 1, "probability": 0.75}, plain).chance == 0.75
    assert Said.of({"kind": "a", "probability": 0.25}, two).chance == 0.75
    each = {"a": 0.5, "b": 0.25, "c": 0.25}
    said = Said.of({"kind": "a", "probabilities": each}, three)
    assert (said.probability, said.chance, said.probabilities) == (0.5, 0.5, each)


def test_the_bars_of_classes_have_room_for_figures_that_are_nearly_0_or_1() -> None:
    schema = replace(Schema("", "", "kind", "", None, 1, []), classes=("a b", "c", "d"))
    each = {"a b": 0.9995, "c": 0.0004, "d": 0.0001}
    drawn = bars(schema, Said("a b", each["a b"], each), {}).to_dict()
    (table,) = drawn["datasets"].values()
    assert [row["text"] for row in table] == ["> 99.9 %", "< 0.1 %", "< 0.1 %"]
