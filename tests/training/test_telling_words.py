"""Which words tell a class, over many rows: by what leaving each of them out takes away."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hitcast.features.label import LABEL
from hitcast.portable.scorer import Scorer
from hitcast.training.telling_words import FILE, IN_ROWS, telling_words, write_words
from tests.portable.word_scorers import words_scorer

CLASSES = ("fado", "funk")


@pytest.fixture
def scorer(tmp_path: Path) -> Scorer:
    return words_scorer(tmp_path / "scorer")


def rows(texts: list[str]) -> pd.DataFrame:
    label = np.arange(len(texts)) % 2
    return pd.DataFrame({"song": texts, "x": 0.0, LABEL: label.astype(float)})


def test_words_are_told_by_class_the_strongest_first(scorer: Scorer, tmp_path: Path) -> None:
    told = telling_words(scorer, rows(["luz baile", "amor baile nada"] * 10), CLASSES, seed=1)
    assert [(line["class"], line["word"], line["rows"]) for line in told] == [
        ("fado", "luz", 10), ("funk", "baile", 20), ("funk", "amor", 10),
    ]  # fmt: skip
    alone = scorer.probabilities({"song": ["luz baile", "baile"], "x": [0.0, 0.0]})
    assert told[0]["effect"] == pytest.approx(alone[1] - alone[0])
    write_words(tmp_path, told)
    assert (tmp_path / FILE).read_text().splitlines()[0] == "text,class,word,rows,effect"


def test_words_of_few_rows_are_not_told(scorer: Scorer) -> None:
    texts = ["luz"] * (IN_ROWS - 1) + ["baile"] * IN_ROWS + [""] * 20
    assert {line["word"] for line in telling_words(scorer, rows(texts), CLASSES, seed=1)} == {
        "baile"
    }


def test_a_model_without_words_has_none_and_writes_none(tmp_path: Path) -> None:
    write_words(tmp_path, [])
    assert list(tmp_path.iterdir()) == []
