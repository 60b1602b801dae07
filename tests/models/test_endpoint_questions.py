"""Rows that a version is asked, and the answers that count as its scorer's."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.errors import EndpointError
from hitcast.models.endpoint.questions import EXAMPLE, Questions
from hitcast.portable.card import probability_names
from hitcast.portable.pyfunc import PortableModel
from hitcast.portable.scorer import Scorer
from tests import five
from tests.small_models import make_scorer, make_track_scorer


@pytest.fixture(scope="module")
def tracks(spotify: UseCase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scorer of the tracks, in a folder as a version's files have it; without an example."""
    folder = tmp_path_factory.mktemp("version") / "artifacts/scorer"
    return make_track_scorer(folder, spotify, -0.5, ("pop", "rock"))


def answers_of(questions: Questions) -> list[dict[str, Any]]:
    """The answers that are expected."""
    pairs = zip(questions.labels, questions.probabilities, strict=True)
    return [{questions.output: label, **probabilities} for label, probabilities in pairs]


def test_the_first_row_is_the_use_cases_example_where_the_version_has_none(
    tracks: Path, spotify: UseCase
) -> None:
    first = Questions.about(tracks, spotify).rows[0]
    assert {name: first[name] for name in ("year", "genre", "energy")} == {
        "year": 2021, "genre": "pop", "energy": 0.68,
    }  # fmt: skip


def test_the_first_row_is_the_one_that_the_version_was_logged_with(
    spotify: UseCase, tmp_path: Path
) -> None:
    folder = make_scorer(tmp_path / "artifacts/scorer", 1.0)
    split = '{"dataframe_split": {"columns": ["x"], "data": [[-2.5]]}}'
    (tmp_path / EXAMPLE).write_text(split, encoding="utf-8")
    questions = Questions.about(folder, spotify)
    # With no range known, the further rows lie around it.
    assert questions.rows[0] == {"x": -2.5}
    assert len({row["x"] for row in questions.rows}) == 5


def test_further_rows_differ_and_lie_within_the_ranges(tracks: Path, spotify: UseCase) -> None:
    questions = Questions.about(tracks, spotify)
    card = Scorer.load(tracks).card
    assert len({tuple(row.items()) for row in questions.rows}) == 5
    assert {row["genre"] for row in questions.rows} == {"pop", "rock"}
    for column in card.inputs:
        for row in questions.rows:
            value = row[column.name]
            if column.kind == "number":
                assert isinstance(value, int if column.integer else float), column.name
                assert column.minimum is None or column.minimum <= value
                assert column.maximum is None or value <= column.maximum


def test_the_expected_answers_are_those_of_the_scorer(tracks: Path, spotify: UseCase) -> None:
    questions = Questions.about(tracks, spotify)
    scorer = Scorer.load(tracks)
    labels, probabilities = scorer.predict(scorer.columns(questions.rows))
    assert (questions.output, questions.labels) == ("popular", tuple(labels))
    assert questions.probabilities == tuple({"probability": p} for p in probabilities)
    assert set(questions.labels) == {0, 1}
    assert questions.largest_difference(answers_of(questions)) == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"popular": 1}, {"probability": float("nan")}, {"probability": None},
        {"probability": True}, {"probability": "0.5"}, {"popular": None},
    ],
)  # fmt: skip
def test_one_wrong_answer_among_right_ones_is_told_with_its_row(
    tracks: Path, spotify: UseCase, wrong: dict[str, Any]
) -> None:
    questions = Questions.about(tracks, spotify)
    answers = answers_of(questions)
    place = questions.labels.index(0)
    answers[place] |= wrong
    with pytest.raises(EndpointError, match=f"expected, for row {place + 1} of 5, what the"):
        questions.largest_difference(answers)


@pytest.fixture(params=["pistachio", "seeds"])
def classes(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Questions, Scorer]:
    """Questions about a scorer of two named classes, or five; and it."""
    use_case = five.five() if request.param == "seeds" else load_use_case(request.param)
    folder = five.make_scorer(tmp_path / "artifacts/scorer", use_case)
    scorer = Scorer.load(folder)
    # As MLflow keeps it beside the model, and as the registry writes it.
    row = {c.name: 1 if c.integer else c.values[0] if c.values else 1.0 for c in scorer.card.inputs}
    split = {"columns": list(row), "data": [list(row.values())]}
    (tmp_path / EXAMPLE).write_text(json.dumps({"dataframe_split": split}), encoding="utf-8")
    return Questions.about(folder, use_case), scorer


def test_of_named_classes_the_models_own_answers_are_those_expected(
    classes: tuple[Questions, Scorer],
) -> None:
    questions, scorer = classes
    model = PortableModel()
    model.scorer = scorer
    answers = model.predict(None, pd.DataFrame(questions.rows)).to_dict("records")
    assert questions.largest_difference(answers) == 0.0
    assert set(questions.labels) <= set(scorer.card.classes)
    assert [set(row) for row in answers] == [
        {questions.output, *probability_names(scorer.card.classes)}
    ] * 5
    known = {column.name: column.codes for column in scorer.card.inputs if column.codes}
    assert all(row[name] in codes for row in questions.rows for name, codes in known.items())


def test_of_named_classes_another_class_or_probability_of_any_class_is_refused(
    classes: tuple[Questions, Scorer],
) -> None:
    questions, scorer = classes
    answers = answers_of(questions)
    other = next(name for name in scorer.card.classes if name != questions.labels[2])
    last = probability_names(scorer.card.classes)[-1]
    for wrong in ({questions.output: other}, {last: answers[2][last] + 1e-6}, {last: None}):
        changed = [*answers[:2], answers[2] | wrong, *answers[3:]]
        with pytest.raises(EndpointError, match="expected, for row 3 of 5, what the"):
            questions.largest_difference(changed)


@pytest.mark.parametrize("answers", [[], [0.5] * 5, [[0, 0.5]] * 5])
def test_answers_in_another_shape_are_refused(
    tracks: Path, spotify: UseCase, answers: list[Any]
) -> None:
    with pytest.raises(EndpointError, match="expected"):
        Questions.about(tracks, spotify).largest_difference(answers)
