"""Classes by their names, colours and sentences, without Spark."""

import numpy as np
import pandas as pd
import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from hitcast.exploring.classes import MOST, Kind, drawn, kinds_of
from hitcast.exploring.endpoint.answers import Answer, answers_in_words, read_answer, told_apart
from hitcast.exploring.endpoint.asked import read_row
from hitcast.exploring.endpoint.what_if import choose_input, usual_ranges, what_if_in_words
from hitcast.exploring.endpoint.what_if_pictures import draw_swings, draw_what_if
from hitcast.exploring.look import BLUE, COLOURS, GREY, VERMILION
from hitcast.exploring.trends.moves import moved_most, trends_in_words
from hitcast.exploring.trends.trend_pictures import draw_counts
from tests.exploring.herbarium import KINDS, declared

KEYS = [f"of_{name}" for name in KINDS]
CHANCES = dict(zip(KINDS, (0.5, 0.2, 0.15, 0.1, 0.05), strict=True))


@pytest.fixture(scope="module")
def blossoms() -> UseCase:
    return declared("blossoms")


def test_two_classes_are_positive_and_other_by_the_names_that_people_have_for_them(
    spotify: UseCase,
) -> None:
    names = {use_case.name: [kind.name for kind in kinds_of(use_case)]
             for use_case in (spotify, declared("fraud"), declared("pistachio"))}  # fmt: skip
    assert names == {
        "spotify": ["popular", "not popular"],
        "fraud": ["fraudulent", "not fraudulent"],
        "pistachio": ["Siit_Pistachio", "Kirmizi_Pistachio"],
    }
    kinds = kinds_of(spotify)
    assert [(kind.number, kind.key) for kind in kinds] == [(1, "positive"), (0, "other")]
    assert [one.colour for one in drawn(kinds, {})] == [VERMILION, BLUE]


def test_of_many_classes_the_six_largest_get_a_colour_and_the_others_one_together() -> None:
    kinds = [Kind(number, f"of_{number}", f"class {number}") for number in range(9)]
    rows = {kind.key: (kind.number * 4) % 9 for kind in kinds}
    found = drawn(kinds, rows)
    left = [number for number in range(9) if (number * 4) % 9 < 3]
    assert [one.name for one in found] == [
        *(f"class {number}" for number in range(9) if number not in left),
        "3 other classes",
    ]
    assert [one.colour for one in found] == [*COLOURS, GREY]
    assert found[-1].keys == [f"of_{number}" for number in left]
    assert len(drawn(kinds[:MOST], rows)) == MOST
    assert drawn(kinds[: MOST + 1], rows)[-1].name == "1 other class"


def test_an_answer_is_read_from_an_api_and_from_mlflow_alike(blossoms: UseCase) -> None:
    by_api = {"named": "Aster", "probability": 0.5, "probabilities": CHANCES, "threshold": None}
    by_mlflow = {"named": "Aster"} | {f"probability_{n}": p for n, p in CHANCES.items()}
    for detail in (by_api, by_mlflow):
        assert read_answer(detail, blossoms) == Answer("Aster", 0.5, None, CHANCES)
        assert answers_in_words(detail, blossoms, "a note") == [
            "The answer is Aster, with a probability of 50.0 %; next Bluebell (20.0 %) and Clover "
            "(15.0 %).",
            "A note.",
        ]
    two = {"type": "Kirmizi_Pistachio", "probability": 0.25, "threshold": 0.4}
    assert answers_in_words(two, declared("pistachio"), "n")[0] == (
        "The answer is Kirmizi_Pistachio; Siit_Pistachio has a probability of 25.0 %, and is the "
        "answer from 40.0 % on."
    )
    assert answers_in_words({"fraud": 0, "probability": 0.25}, declared("fraud"), "n")[0] == (
        "The answer is not fraudulent, with a probability of 25.0 %."
    )


def test_answers_of_many_rows_have_a_column_for_each_class() -> None:
    one, refused = (
        {"named": "Aster", "probabilities": {"Aster": 0.75, "Clover": 0.25}},
        {"error": 1},
    )
    found = told_apart(pd.DataFrame([one, refused]))
    assert found["probability_Aster"].tolist()[0] == 0.75
    assert found["probability_Clover"].isna().tolist() == [False, True]
    assert "probabilities" not in found
    plain = pd.DataFrame([{"sells": 1, "probability": 0.5}])
    assert told_apart(plain) is plain


def test_a_use_case_without_an_example_asks_for_a_row_where_there_is_no_gold(
    blossoms: UseCase,
) -> None:
    with pytest.raises(HitcastError, match=r"expected one blossom .*no example of \['width', 'pet"):
        read_row("", blossoms)
    assert read_row('{"width": 1}', blossoms) == {"width": 1}
    assert usual_ranges(blossoms, None).to_numpy().tolist() == [["colour", 0.0, 2.0]]
    nothing = pd.DataFrame(columns=["column", "value", "probability"])
    with pytest.raises(HitcastError, match="one of the inputs"):
        choose_input("", nothing, blossoms)


def test_what_if_of_many_classes_draws_a_line_for_each_and_moves_the_answered_one(
    blossoms: UseCase,
) -> None:
    swept = pd.DataFrame(
        {"column": ["width"] * 2 + ["petals"] * 2, "value": [1.0, 2.0, 4, 5],
         "probability": [0.5, 0.8, 0.5, 0.4]}
        | {key: [0.1, 0.05, 0.1, 0.15] for key in KEYS}
    )  # fmt: skip
    answer = Answer("Aster", 0.5, None, CHANCES)
    width = choose_input("", swept, blossoms)
    told = what_if_in_words(swept, width, answer, blossoms)
    assert told[0].startswith("As it stands the probability of Aster is 50.0 %. With width at 1 mm")
    assert told[-1] == "A herbarium has what collectors like."
    axes = draw_what_if(swept, width, {"width": 1.5}, answer, blossoms, "note").axes[0]
    assert [line.get_label() for line in axes.lines] == [*KINDS, "is: Aster 50.0 %"]
    of_answer = draw_swings(swept, blossoms, answer, "note").axes[0]
    assert of_answer.get_xlabel().startswith("probability of Aster, lowest to highest")


def test_a_trend_of_many_classes_is_told_by_the_share_that_moved_most(blossoms: UseCase) -> None:
    shares = [(0.4, 0.3, 0.1, 0.1, 0.1), (0.4, 0.1, 0.1, 0.1, 0.3)]
    quartiles = {f"{n}_{q}": 2.0 for n in ("width", "petals", "month")
                 for q in ("q25", "median", "q75")}  # fmt: skip
    lines = [
        {"version": n, "date": pd.Timestamp(2024, 5 + n, 1), "part": part, "rows": 100, "new": 100,
         "changed": 0, **quartiles}
        | {key: round(100 * share) for key, share in zip(KEYS, of, strict=True)}
        | {f"share_{key}": share for key, share in zip(KEYS, of, strict=True)}
        for n, of in enumerate(shares) for part in ("all", "arrived")
    ]  # fmt: skip
    found = pd.DataFrame(lines)
    told = trends_in_words(found, blossoms, "blossoms")
    assert told[1] == (
        "The share that is Bluebell went from 30.0 % to 10.0 % (−20.0 points), the furthest of 5 "
        "classes."
    )
    assert "Aster the largest of 5 classes (40.0 %)" in trends_in_words(found[:2], blossoms, "b")[0]
    assert moved_most(found, blossoms)["column"].tolist() == ["width", "petals", "month"]
    right = draw_counts(found, blossoms, "note").axes[1]
    assert [line.get_label() for line in right.lines] == KINDS
    assert np.asarray(right.lines[4].get_ydata()).tolist() == pytest.approx([0.1, 0.3])
