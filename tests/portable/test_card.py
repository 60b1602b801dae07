import json
from dataclasses import replace

import pytest

from hitcast.errors import ScorerInputError
from hitcast.portable.card import Card, InputColumn, free_text

CARD = Card(
    model_name="fish",
    family="random_forest",
    threshold=0.25,
    inputs=(
        InputColumn("water", "text", values=("sweet", "süß")),
        InputColumn(
            "length", "number", True, "cm", 0.5, None, False, "from nose to tail", seen=(1.5, 30.0)
        ),
        InputColumn("pond", "number", integer=True, codes=(7, -1)),
    ),
    label="more than 2 kg",
    data_version="7",
    generated=True,
    metadata={"seed": "1"},
)


def test_a_card_survives_its_json() -> None:
    assert Card.from_json(CARD.to_json()) == CARD


def test_a_card_of_old_knows_no_codes() -> None:
    found = json.loads(CARD.to_json())
    for column in found["inputs"]:
        del column["codes"]
    pond = replace(CARD.inputs[-1], codes=())
    assert Card.from_json(json.dumps(found)).inputs == (*CARD.inputs[:-1], pond)


def test_a_card_of_another_format_is_refused_with_both_versions() -> None:
    text = replace(CARD, format_version=99).to_json()
    with pytest.raises(ScorerInputError, match="format_version 1; it has 99"):
        Card.from_json(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not JSON"])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(ScorerInputError, match="has to be JSON with format_version"):
        Card.from_json(text)


def test_a_card_with_missing_fields_is_refused() -> None:
    fields = json.loads(CARD.to_json())
    with pytest.raises(ScorerInputError, match="does not have the fields of a card"):
        Card.from_json(json.dumps({k: fields[k] for k in fields if k != "inputs"}))


def test_what_a_newer_version_has_added_to_a_card_is_passed_over() -> None:
    assert Card.from_json(json.dumps({**json.loads(CARD.to_json()), "colour": "red"})) == CARD


def test_the_text_for_null_is_never_a_known_value() -> None:
    columns = [InputColumn("a", "text", values=("(missing)", "((missing))"))]
    assert free_text([]) == "(missing)"
    assert free_text(columns) == "(((missing)))"
