"""Names that columns and answers can't have."""

import pytest

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.names import check_names
from serving.answers import answers_of
from tests.five import five


@pytest.mark.parametrize(
    "output",
    [
        "model", "name", "threshold", "probability", "probabilities", "curve", "effects", "unknown",
        "outside", "base_rate", "shares", "prediction_id", "request_id", "compared_with", "error",
        "reason", "prediction", "label", "model_config", "probability_elm",
    ],
)  # fmt: skip
def test_an_answer_can_t_be_called_like_what_stands_beside_it(output: str) -> None:
    with pytest.raises(ValueError, match=f"label.output '{output}': answers hold something else"):
        check_names(["length"], output)


def test_whatever_stands_beside_an_answer_is_no_name_for_it() -> None:
    for use_case in (five(), load_use_case("pistachio"), load_use_case("fraud")):
        answers = answers_of(use_case)
        models = (answers.one, answers.detailed, answers.explained)
        for name in {name for model in models for name in model.model_fields} - {
            use_case.label.output
        }:
            with pytest.raises(ValueError, match="answers hold something else"):
                check_names([], name)


@pytest.mark.parametrize("output", ["kind", "is_model", "sells"])
def test_other_names_are_an_answer_s(output: str) -> None:
    check_names(["model", "name", "curve"], output)
