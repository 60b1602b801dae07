"""What an experiment's declaration can say, and what is refused with its key and value."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from hitcast.declaration.experiment import Experiment, load_experiment
from hitcast.errors import UseCaseError
from tests.conftest import ROOT

GOOD: dict[str, Any] = {
    "name": "one",
    "arms": [{"alias": "production"}, {"alias": "staging", "weight": 2}],
    "smallest_difference": 0.01,
}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "conf/experiments").glob("*.yml")), ids=lambda p: p.stem
)
def test_what_conf_declares_is_read(path: Path) -> None:
    assert load_experiment(path.stem, folder=ROOT / "conf").name == path.stem


def test_what_is_left_out_has_its_default() -> None:
    found = Experiment.model_validate(GOOD)
    assert (found.traffic, found.metric, found.seed) == (1.0, "log_loss", "one")
    assert found.control.alias == "production"
    assert found.is_on(datetime.now(UTC))


def test_times_are_taken_for_utc_and_the_end_is_no_part_of_it() -> None:
    found = Experiment.model_validate(
        {**GOOD, "starts": "2026-01-01T00:00:00", "ends": "2026-01-02T01:00:00+01:00"}
    )
    assert not found.is_on(datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    assert found.is_on(datetime(2026, 1, 1, tzinfo=UTC))
    assert not found.is_on(datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"arms": [{"alias": "a"}]}, "at least 2"),
        ({"arms": [{"alias": "a"}, {"alias": "a"}]}, "each alias once"),
        ({"arms": [{"alias": "a", "shadow": True}, {"alias": "b", "shadow": True}]}, "no shadow"),
        ({"arms": [{"alias": "a"}, {"alias": "b", "weight": 0}]}, "greater than 0"),
        ({"traffic": 0}, "greater than 0"),
        ({"traffic": 1.5}, "less than or equal to 1"),
        ({"metric": "luck"}, "log_loss"),
        ({"smallest_difference": 0}, "greater than or equal to 0.000000001"),
        ({"name": "No Spaces"}, "match pattern"),
        ({"starts": "2026-02-01", "ends": "2026-01-01"}, "after starts"),
        ({"weights": 3}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Experiment.model_validate({**GOOD, **wrong})


def test_files_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    folder = tmp_path / "experiments"
    folder.mkdir()
    (folder / "one.yml").write_text(yaml.safe_dump({**GOOD, "name": "other"}))
    (folder / "two.yml").write_text(yaml.safe_dump({**GOOD, "traffic": 7}))
    with pytest.raises(UseCaseError, match=r"among \['one', 'two'\]"):
        load_experiment("three", folder=tmp_path)
    with pytest.raises(UseCaseError, match="expected 'one', as the file"):
        load_experiment("one", folder=tmp_path)
    with pytest.raises(UseCaseError, match=r"two.yml: traffic: .*got 7"):
        load_experiment("two", folder=tmp_path)
