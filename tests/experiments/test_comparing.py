"""What is said of arms, from what units did."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hitcast.declaration.experiment import Arm
from hitcast.experiments.comparing import Contest
from hitcast.experiments.findings import findings
from hitcast.experiments.metrics import COUNTS, METRICS, SUMS
from hitcast.experiments.planning import planned_by_end
from hitcast.experiments.reporting import page_of
from hitcast.experiments.table import UnitTable
from hitcast.experiments.timing import most_looks, steps
from hitcast.experiments.verdicts import BETTER, NONE, NOT_YET, SAME, WORSE
from hitcast.running.files import write_whole
from tests.experiments.gathered import FIRST, TWO, WITH_SHADOW, experiment, gathered


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
    shares = {found.gathered.units.periods[0]: {"production": 0.6, "staging": 0.4}}
    assert Contest(experiment(), replace(found.gathered, shares=shares), 2).verdict == BETTER


def test_an_arm_of_two_versions_gets_no_verdict() -> None:
    found = contest(gain=0.1, versions=(2, 3))
    assert found.verdict == NONE
    assert "the arm staging was served by the versions [2, 3]" in found.reasons[0]


def test_answers_in_the_place_of_a_broken_arm_count_for_it_and_are_told() -> None:
    found = contest(gain=0.1, fallbacks=123)
    assert found.verdict == BETTER
    assert found.reasons[-1].endswith("counted for it: 123 of staging")
    # Where the default has answered for most, it was not the arm that was tried.
    found = contest(gain=0.1, fallbacks=9_000)
    assert found.verdict == NONE
    assert found.reasons[0].startswith("staging: the default answered 9")


@pytest.mark.parametrize(("followed", "said"), [(0.5, NONE), (0.995, BETTER)])
def test_outcomes_that_are_known_more_often_in_one_arm_are_compared_with_none(
    followed: float, said: str
) -> None:
    held = gathered(gain=0.1)
    units = held.units
    # Units of whom nothing is heard.
    is_known = np.random.default_rng(4).random(len(units.unit)) < followed
    heard = np.where(units.arm == "staging", is_known, True)
    part = {name: v * heard for name, v in units.sums.items() if name not in COUNTS[:3]}
    part["with_outcome"] = units.sums["with_outcome"] * heard
    sums = {**units.sums, **part}
    found = Contest(experiment(), replace(held, units=replace(units, sums=sums)), 2)
    assert found.verdict == said
    told = "% of the predictions of staging, and for 100.0% of production: what is known"
    assert (told in found.reasons[0]) == (said == NONE)


def test_what_is_planned_follows_from_the_units_that_came_lately() -> None:
    held, ends = gathered(), FIRST + timedelta(days=14.5)
    assert planned_by_end(experiment(), held) is None
    # New units come at the same rate all the time, but for those of the first looks.
    growing = planned_by_end(experiment(ends=ends), held)
    every = np.zeros_like(held.units.look)
    steady = replace(held, units=replace(held.units, look=every))
    assert growing is not None and growing > 4_000
    assert planned_by_end(experiment(ends=ends), steady) == 4_000


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
    assert list(told["arms"]["staging"]["differences"]) == [
        "feedback", "log_loss", "brier", "accuracy",
    ]  # fmt: skip


def test_many_arms_share_what_one_may_be_wrong_in() -> None:
    arms = (*TWO, *(Arm(alias=f"test-{n}") for n in range(3)))
    assert Contest(experiment(arms), gathered(), 2).alpha == pytest.approx(0.0125)


@pytest.mark.parametrize(
    ("units", "days", "looks"),
    [(1_000, 20, 20), (1_000, 90, 14), (500_000, 20, 4), (9_999_999, 20, 4)],
)
def test_there_are_fewer_looks_of_very_many_units(units: int, days: int, looks: int) -> None:
    begin, step, found = steps(
        FIRST.timestamp(), FIRST.timestamp() + days * 86_400 - 1, most_looks(units)
    )
    assert found == looks
    assert begin + step * found >= FIRST.timestamp() + days * 86_400 - 1
