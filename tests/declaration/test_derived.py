from typing import Any

import pytest
from pydantic import ValidationError

from hitcast.declaration.derived import Derived
from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.ingest.checks import rules_of
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def fraud() -> UseCase:
    return load_use_case("fraud", folder=ROOT / "conf")


def again(use_case: UseCase, derive: Any, **changes: dict[str, Any]) -> UseCase:
    """The use case with another section `derive`, and changed columns."""
    found = use_case.model_dump()
    columns = [{**column, **changes.get(column["name"], {})} for column in found["columns"]]
    return UseCase.model_validate({**found, "columns": columns, "derive": derive})


def test_what_a_column_is_derived_from_is_an_input_that_the_model_does_not_see(
    fraud: UseCase,
) -> None:
    assert fraud.column("Time") in fraud.features
    assert fraud.column("Time") in fraud.inputs
    seen = [column.name for column in fraud.modelled()]
    assert seen == [c.name for c in fraud.features if c.name != "Time"] + ["hour"]
    assert "hour" not in fraud.column_names


def test_without_an_input_what_is_derived_of_it_is_not_modelled_either(fraud: UseCase) -> None:
    left = [column.name for column in fraud.modelled(["Time", "V3"])]
    assert not {"hour", "V3", "Time"} & set(left)
    assert len(left) == len(fraud.modelled()) - 2


def test_a_derived_column_says_what_it_is(fraud: UseCase) -> None:
    found = again(
        fraud,
        {
            "hour": {"hour_of_day": "Time", "type": "category"},
            "share": {"ratio": ["V1", "Amount"], "transform": "spline"},
            "gap": {"difference": ["V1", "V2"], "meaning": "how far"},
            "often": {"frequency": "Class2"},
        },
        V5={"name": "Class2", "type": "text", "role": "identity", "required": False},
    ).derive
    assert [(c.name, c.type, c.required, c.transform) for c in found] == [
        ("hour", "category", True, None),
        ("share", "number", False, "spline"),
        ("gap", "number", True, None),
        ("often", "number", True, None),
    ]
    assert [c.meaning for c in found] == [
        "Hour of the day of Time, which is in seconds",
        "V1 over Amount",
        "how far",
        "Share of the training rows with the same Class2",
    ]


def test_a_use_case_with_derived_columns_survives_being_written_out(fraud: UseCase) -> None:
    again = UseCase.model_validate(fraud.model_dump())
    assert again == fraud
    assert isinstance(again.derive[0], Derived)


def test_what_models_see_is_no_rule_for_lines(fraud: UseCase) -> None:
    plain = again(fraud, {}, Amount={"transform": None})
    assert plain != fraud
    assert rules_of(plain) == rules_of(fraud)


REFUSED: dict[str, tuple[Any, str]] = {
    "no way": ({"a": {"meaning": "x"}}, r"derive\.a has one of \['ratio', .*'frequency'\]"),
    "two ways": ({"a": {"ratio": ["V1", "V2"], "difference": ["V1", "V2"]}}, "has one of"),
    "no entry": ({"a": "V1"}, "has one of"),
    "unknown": ({"a": {"hour_of_day": "Tim"}}, r"derive\.a: hour_of_day of \['Tim'\]; allowed"),
    "the label": ({"a": {"ratio": ["V1", "Class"]}}, r"ratio of \['Class'\]; allowed: \['Time'"),
    "the key": ({"a": {"frequency": "row_key"}}, r"frequency of \['row_key'\]"),
    "a quantity's frequency": ({"a": {"frequency": "V1"}}, r"frequency of \['V1'\]"),
    "one number": ({"a": {"ratio": "V1"}}, r"ratio takes 2 column\(s\), got \['V1'\]"),
    "a number by itself": ({"a": {"ratio": ["V1", "V1"]}}, r"ratio takes 2 column\(s\)"),
    "no names": ({"a": {"ratio": [1, 2]}}, "takes names of columns"),
    "a type that it lacks": ({"a": {"frequency": "V1", "type": "text"}}, "has type number"),
    "a name that is taken": ({"V2": {"hour_of_day": "Time"}}, "'V2' and 'V2'|twice|differ"),
    "another section's key": ({"a": {"hour_of_day": "Time", "bins": 3}}, "bins"),
}


@pytest.mark.parametrize(("derive", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_can_not_be_derived_is_refused(fraud: UseCase, derive: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        again(fraud, derive)


def test_a_group_has_no_frequency_as_it_would_be_learnt_on_the_folds_held_out() -> None:
    spotify = load_use_case("spotify", folder=ROOT / "conf")
    with pytest.raises(ValidationError, match=r"frequency of \['artist_name'\]; allowed: \["):
        again(spotify, {"how_known": {"frequency": "artist_name"}})


@pytest.mark.parametrize(
    "change", [{"type": "text", "minimum": None}, {"type": "category"}, {"role": "identity"}]
)
def test_only_numbers_that_models_see_are_transformed(
    fraud: UseCase, change: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError, match="transform is for types integer and number"):
        again(fraud, {}, Amount=change)
