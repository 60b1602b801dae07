"""What is said of arms, from what units did."""

import json
from pathlib import Path

import pandas as pd
import pytest

from hitcast.declaration.experiment import Arm
from hitcast.experiments.comparing import Contest
from hitcast.experiments.findings import findings
from hitcast.experiments.metrics import COUNTS, METRICS, SUMS
from hitcast.experiments.reporting import page_of
from hitcast.experiments.table import UnitTable
from hitcast.experiments.verdicts import BETTER, NONE, NOT_YET, SAME, WORSE
from hitcast.running.files import write_whole
from tests.experiments.gathered import TWO, WITH_SHADOW, experiment, gathered


def contest(**made: object) -> Contest:
    return Contest(experiment(), gathered(**made), 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(("gain", "said"), [(0.1, BETTER), (-0.1, WORSE), (0.0, NOT_YET)])
def test_a_lower_log_loss_is_better(gain: float, said: str) -> None:
    found = contest(gain=gain)
    assert found.verdict == said
    assert found.reasons[0].startswith("staging: between ")
    assert found.compare(TWO[1], METRICS["log_loss"]).difference.value == pytest.approx(
        -gain, abs=0.03
    )


def test_with_many_units_no_difference_is_said_to_matter() -> None:
    assert contest(units=40_000).verdict == SAME


def test_units_split_otherwise_than_the_weights_say_are_a_reason_for_no_verdict() -> None:
    found = contest(gain=0.1, share=0.4)
    assert found.verdict == NONE
    assert len(found.reasons) == 1
    assert "units are not split as the weights say: production 2,4" in found.reasons[0]
    # What the weights were decides, not that the arms are equal.
    weights = {found.gathered.units.periods[0]: {"production": 6.0, "staging": 4.0}}
    assert Contest(experiment(), found.gathered, 2, weights).verdict == BETTER


def test_an_arm_of_two_versions_gets_no_verdict() -> None:
    found = contest(gain=0.1, versions=(2, 3))
    assert found.verdict == NONE
    assert "the arm staging was served by the versions [2, 3]" in found.reasons[0]


def test_answers_in_the_place_of_a_broken_arm_count_for_it_and_are_told() -> None:
    found = contest(gain=0.1, fallbacks=1234)
    assert found.verdict == BETTER
    assert found.reasons[-1].endswith("counted for it: 1,234 of staging")


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"units": 150}, "units with a known outcome, it takes 100"),
        ({"units": 4000, "rate": 0.0005}, "units with a positive outcome, it takes 20"),
        ({"units": 4000, "rate": 0.9999}, "units with another outcome, it takes 20"),
    ],
)
def test_with_few_units_or_outcomes_it_is_too_soon(made: dict[str, float], told: str) -> None:
    found = contest(gain=0.4, **made)
    assert found.verdict == NOT_YET
    assert told in found.reasons[0]


def test_a_shadow_is_compared_with_the_control_on_the_same_predictions() -> None:
    held = gathered(shadow_gain=0.03)
    found = Contest(experiment(WITH_SHADOW), held, 2)
    shadow = found.compare(WITH_SHADOW[2], METRICS["log_loss"])
    arm = found.compare(WITH_SHADOW[1], METRICS["log_loss"])
    assert found.judged["test-1"].verdict == BETTER
    assert found.judged["staging"].verdict == NOT_YET
    assert shadow.difference.value == pytest.approx(-0.03, abs=0.002)
    assert shadow.difference.error < 0.1 * arm.difference.error
    # Two sequences share what one alone may be wrong in.
    assert found.alpha == pytest.approx(0.025)


def test_a_shadow_is_not_judged_by_outcomes_that_it_has_no_part_in() -> None:
    found = Contest(experiment(WITH_SHADOW, metric="outcome"), gathered(shadow_gain=0.03), 2)
    assert found.judged["test-1"].verdict == NONE
    assert "a shadow answers nobody" in found.judged["test-1"].reason
    assert found.alpha == pytest.approx(0.05)


def test_the_last_look_is_the_report_and_earlier_ones_know_less() -> None:
    found = contest()
    told = findings(found, use_case="any", title="Any", generated=True)
    over_time = told["over_time"]
    assert [look["units"] for look in over_time] == sorted(look["units"] for look in over_time)
    last = {k: over_time[-1][k] for k in ("difference", "sequence_low", "sequence_high", "units")}
    assert last == {k: told["arms"]["staging"]["differences"]["log_loss"][k] for k in last}


def test_units_count_in_the_first_of_the_periods_that_they_are_seen_in() -> None:
    one = {"fallbacks": 0, "versus": None, "look": 0, **dict.fromkeys((*COUNTS, *SUMS), 1.0)}
    seen = [("u", "a", "1"), ("u", "b", "2"), ("v", "a", "2"), ("w", "b", "1"), ("w", "b", "2")]
    rows = [{"unit": unit, "arm": arm, "period": period, **one} for unit, arm, period in seen]
    table = UnitTable.of(pd.DataFrame(rows))
    assert table.first_seen(["1", "2"]) == {"1": {"a": 1, "b": 1}, "2": {"a": 1}}
    assert table.first_seen(["2"]) == {"2": {"a": 1, "b": 2}}
    assert table.first_seen([]) == {}


def test_findings_are_json_and_the_page_shows_them(tmp_path: Path) -> None:
    held = gathered(gain=0.1, shadow_gain=0.03)
    found = Contest(experiment(WITH_SHADOW), held, 2, planned=8_000)
    told = findings(found, use_case="any", title="Any title", generated=True)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["winners"] == ["staging", "test-1"]
    assert told["arms"]["staging"]["power"]["units_planned"] == 8_000
    assert told["arms"]["production"]["metrics"]["areaUnderPR"]["value"] == 0.4
    page = page_of(told)
    for shown in ("Any title: experiment trial", "<strong>Better</strong>: staging, test-1",
                  "come from generated rows", "test-1 (shadow)"):  # fmt: skip
        assert shown in page
    assert page.count('src="data:image/png;base64,') == 3
    write_whole(tmp_path / "new" / "page.html", page, make_folder=True)
    assert (tmp_path / "new" / "page.html").read_text() == page
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["page.html"]


def test_an_experiment_that_nobody_answered_yet_is_told_all_the_same() -> None:
    held = gathered(units=30)
    for name in ("with_outcome", "positive_outcomes", "correct", "called", "hits", "log_loss"):
        held.units.sums[name][:] = 0
    told = findings(Contest(experiment(), held, 2), use_case="any", title="Any", generated=False)
    assert told["verdict"] == NOT_YET
    assert told["arms"]["staging"]["differences"]["log_loss"]["difference"] is None
    assert "Not yet" in page_of(json.loads(json.dumps(told, allow_nan=False)))


def test_more_classes_than_two_have_no_positive_one() -> None:
    told = findings(
        Contest(experiment(), gathered(), 3), use_case="any", title="Any", generated=False
    )
    assert list(told["arms"]["staging"]["differences"]) == ["log_loss", "brier", "accuracy"]


def test_many_arms_share_what_one_may_be_wrong_in() -> None:
    arms = (*TWO, *(Arm(alias=f"test-{n}") for n in range(3)))
    assert Contest(experiment(arms), gathered(), 2).alpha == pytest.approx(0.0125)
