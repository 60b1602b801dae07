"""Texts that are read word by word: what may be declared of them, and what may not."""

from typing import Any

import pytest

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.declaration.vocabulary import LONGEST
from tests.trees import declared

WORDS = {"role": "feature", "type": "words", "meaning": "what is said of it"}


def with_words(**changes: Any) -> dict[str, Any]:
    """The trees with a text of words, and some of their sections changed."""
    found = declared()
    families = {"logistic_regression": {"encoding": "one_hot"}}
    columns = {**found["columns"], "said": WORDS}
    return {**found, "columns": columns, "candidates": families, **changes}


def test_a_text_of_words_is_private_and_of_a_length_unless_it_says_otherwise() -> None:
    column = Column.model_validate({"name": "said", **WORDS, "max_length": None})
    assert (column.type, column.kind, column.private) == ("text", "words", True)
    assert column.max_length == LONGEST
    open_one = Column.model_validate({"name": "said", **WORDS, "private": False, "max_length": 9})
    assert (open_one.private, open_one.max_length) == (False, 9)
    # As one that was written out, and read again.
    again = Column.model_validate(open_one.model_dump())
    assert again == open_one
    written = {"name": "said", **WORDS, "type": "text", "vocabulary": {"size": 5}}
    assert Column.model_validate(written).private


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"type": "word"}, "type of 'said': expected one of"),
        ({"type": "integer", "vocabulary": {}}, "vocabulary is for type words, got integer"),
        ({"role": "identity"}, "type: words is for role: feature or context"),
        ({"vocabulary": {"language": "pt"}}, "portuguese"),
        ({"vocabulary": {"counts": "sublinear", "weights": "counts"}}, "needs weights: tf_idf"),
    ],
)
def test_what_no_text_of_words_can_be_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Column.model_validate({"name": "said", **WORDS, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"derive": {"often": {"frequency": "said"}}}, "derive.often: frequency of \\['said'\\]"),
        ({"profiles": {"by": "said"}}, "profiles.by 'said' needs"),
        (
            {"candidates": {"logistic_regression": {"encoding": "one_hot", "pca": 5}}},
            "pca of words takes memory",
        ),
        ({"label": {**declared()["label"], "output": "words"}}, "label.output 'words'"),
    ],
)
def test_words_are_nowhere_taken_for_one_value(changes: dict[str, Any], told: str) -> None:
    assert UseCase.model_validate(with_words()).texts == {"said"}
    with pytest.raises(ValueError, match=told):
        UseCase.model_validate(with_words(**changes))


def test_no_profile_shows_a_text_even_if_it_is_not_private() -> None:
    open_one = with_words(profiles={"by": "soil", "shown": ["said"]})
    open_one["columns"]["said"] = {**WORDS, "private": False}
    with pytest.raises(ValueError, match="nobody's to show"):
        UseCase.model_validate(open_one)
