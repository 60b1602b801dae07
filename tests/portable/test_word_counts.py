"""What the scorer counts of texts, and which words it names."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hitcast.portable.card import Card
from hitcast.portable.scorer import Scorer
from hitcast.portable.word_counts import CELLS, WordCounter
from hitcast.portable.word_effects import word_effects
from tests.portable.word_scorers import WORDS, rule, words_scorer


@pytest.fixture
def scorer(tmp_path: Path) -> Scorer:
    return words_scorer(tmp_path / "scorer")


def test_words_are_counted_by_rule_and_vocabulary() -> None:
    texts = ["Luz, LUZ de amor!", "", "fé"]
    assert WordCounter(rule(), WORDS).counts(texts).tolist() == [[2, 0, 1, 1], [0] * 4, [0] * 4]
    # As it is typed on some systems, with accents of their own.
    assert WordCounter(rule(), ["각각", "fe"]).counts(
        ["\u1100\u1161\u11a8\u1100\u1161\u11a8 fe\u0301"]
    ).tolist() == [[1, 1]]
    assert WordCounter(rule("binary"), WORDS).counts(texts)[0].tolist() == [1, 0, 1, 1]
    assert WordCounter(rule("sublinear"), WORDS).counts(texts)[0].tolist() == [17, 0, 10, 10]


def test_rule_and_vocabulary_stand_on_the_card_and_not_in_the_graph(scorer: Scorer) -> None:
    (song, _) = scorer.card.inputs
    assert (song.rule, song.vocabulary) == (rule(), WORDS)
    assert Card.from_json(scorer.card.to_json()) == scorer.card
    # Readers of old know nothing of either.
    told = json.loads(scorer.card.to_json())["inputs"]
    assert ["rule" in column for column in told] == [True, False]
    newer = scorer.card.to_json().replace('"kind": "number"', '"kind": "number", "colour": 1')
    assert Card.from_json(newer) == scorer.card


def test_missing_texts_have_no_word_and_many_rows_are_scored_part_by_part(scorer: Scorer) -> None:
    columns: dict[str, list[Any]] = {"song": ["baile", None, "de"], "x": [0.0, 0.0, 0.0]}
    found = scorer.probabilities(columns)
    assert found.tolist() == pytest.approx([1 / (1 + np.exp(-1.0)), 0.5, 0.5])
    scorer._at_once = 2
    parts = scorer.probabilities({name: values * 3 for name, values in columns.items()})
    assert parts.tolist() == [*found.tolist()] * 3
    assert WordCounter(rule(), WORDS).rows_at_once() == CELLS // len(WORDS)


def test_a_text_of_100_000_characters_is_scored(scorer: Scorer) -> None:
    long = ("luz " * 25_000)[:100_000]
    assert scorer.probabilities({"song": [long], "x": [50_000.0]}).tolist() == [
        pytest.approx(0.5, abs=0.5)
    ]


def test_the_words_that_decide_are_named_the_strongest_first(scorer: Scorer) -> None:
    row = {"song": "Luz luz, baile! fé", "x": 3.0}
    found = word_effects(scorer, row)
    assert [(effect.word, effect.count) for effect in found] == [("luz", 2), ("baile", 1)]
    own = scorer.probabilities(scorer.columns([row]))[0]
    without = scorer.probabilities({"song": ["baile"], "x": [3.0]})[0]
    assert found[0].effect == pytest.approx(own - without)
    assert found[0].effect < 0 < found[1].effect
    assert word_effects(scorer, {"song": None, "x": 0.0}) == []
