"""What an experiment's report says of versions, and whether its winner becomes production."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hitcast.errors import RegistryError
from hitcast.models.decision import decide_promotion
from hitcast.models.findings import Evidence
from hitcast.models.trials import trial_of
from hitcast.running.home import Home
from tests.models.test_decision import GATES, better, gain


def arm(alias: str, *versions: int) -> dict[str, Any]:
    return {"alias": alias, "versions": versions, "reason": "between -0.03 and -0.01 in log loss"}


REPORT: dict[str, Any] = {
    "use_case": "songs",
    "at": "2026-11-28T00:00:00+00:00",
    "verdict": "better",
    "reasons": ["staging is better"],
    "winners": ["staging"],
    "control": "production",
    "units": 2000,
    "arms": {"production": arm("production", 3), "staging": arm("staging", 4)},
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.experiment_reports("songs").mkdir(parents=True)
    return home


def write(home: Home, **other: Any) -> None:
    (home.experiment_reports("songs") / "weekly.json").write_text(json.dumps({**REPORT, **other}))


def test_the_winner_is_told_with_its_figures(home: Home) -> None:
    write(home)
    trial = trial_of(home, "songs", "weekly")
    assert (trial.version, trial.control) == (4, 3)
    assert trial.told == (
        "better on live traffic: experiment weekly until 2026-11-28T00:00:00+00:00, 2000 units, "
        "version 4 beside version 3: between -0.03 and -0.01 in log loss"
    )
    trial.require_champion(3)
    trial.require_champion(4)  # It was promoted, by a run that was ended after that.
    with pytest.raises(RegistryError, match="production is version 5 now"):
        trial.require_champion(5)


def test_a_winner_that_was_taken_back_is_not_promoted_by_the_same_report(home: Home) -> None:
    write(home)
    trial = trial_of(home, "songs", "weekly")
    came = {"alias": "production", "from_version": 3, "to_version": 4, "decision": "promoted"}
    went = {**came, "from_version": 4, "to_version": 3, "decision": "rolled back"}
    before, after = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (27, 28))
    for moves in ([], [{**went, "at": before, "why": ""}], [{**came, "at": after, "why": "good"}]):
        trial.require_not_taken_back(moves)
    with pytest.raises(RegistryError, match="taken out of production at .* 12:00 UTC .rolled back"):
        trial.require_not_taken_back([{**went, "at": after, "why": ""}])


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"winners": [], "verdict": "not yet"}, "says not yet .*collect more"),
        ({"winners": ["a", "b"]}, "are all better .*choose one with --version N"),
        (
            {"arms": {**REPORT["arms"], "staging": arm("staging", 4, 5)}},
            r"one version in arm staging .*got \[4, 5\]",
        ),
    ],
)
def test_what_names_no_single_winner_is_refused(
    home: Home, other: dict[str, Any], told: str
) -> None:
    write(home, **other)
    with pytest.raises(RegistryError, match=told):
        trial_of(home, "songs", "weekly")


def test_without_a_report_it_says_how_to_get_one(home: Home) -> None:
    with pytest.raises(RegistryError, match="run jobs/collect.py, then jobs/experiment.py --name"):
        trial_of(home, "songs", "weekly")


@pytest.mark.parametrize("evidence", [better(gain(0.0)), better(gain(0.02, 0.02))])
def test_what_live_traffic_has_shown_is_not_asked_of_the_test_rows_again(
    evidence: Evidence,
) -> None:
    assert decide_promotion(evidence, GATES).alias == "staging"
    found = decide_promotion(replace(evidence, trial="better on live traffic: x"), GATES)
    assert found.alias == "production"
    assert found.reasons[0] == "better on live traffic: x"


def test_the_other_gates_hold_for_the_winner_too() -> None:
    bad = replace(
        better(gain(0.02)), scores={"average_precision": 0.4, "areaUnderROC": 0.6}, trial="better"
    )
    found = decide_promotion(bad, GATES)
    assert found.alias == "staging"
    assert "areaUnderROC has to be at least 0.7" in found.reasons[0]
