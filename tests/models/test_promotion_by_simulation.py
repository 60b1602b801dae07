"""What the promises of promotion are worth: made-up weeks through measuring and decision.

The long ones are 2,000 weeks of 20,000 test rows a case, with fixed seeds: two to three minutes
each on a core.
"""

import numpy as np
import pytest

from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored
from tests.models.contests import (
    BETTER,
    EQUAL,
    WORSE,
    Case,
    calibration,
    make_week,
    probabilities,
    promoted,
)

WEEKS = 2_000


@pytest.mark.parametrize("case", [EQUAL, WORSE, BETTER])
def test_the_made_up_models_are_as_far_apart_as_they_are_said_to_be(case: Case) -> None:
    week = make_week(np.random.default_rng(11), case, 400_000)
    first, second = probabilities(week, case)
    champion, challenger = (Measured(Scored(week.label, p)) for p in (first, second))
    everyone = np.ones(len(week.label))
    gain = challenger.average_precision(everyone) - champion.average_precision(everyone)
    # Four standard errors of so many rows.
    assert gain == pytest.approx(case.gain, abs=0.0045)
    assert week.label.mean() == pytest.approx(0.046, abs=0.002)
    assert np.corrcoef(week.champion, week.challenger)[0, 1] == pytest.approx(0.95, abs=0.005)
    assert champion.average_precision(everyone) == pytest.approx(0.42, abs=0.02)


def test_a_few_weeks_promote_what_is_better_and_nothing_else() -> None:
    assert len(promoted(BETTER, 15, seed=1)) >= 11, "expected are 14"
    assert len(promoted(EQUAL, 15, seed=2)) <= 1, "expected is one in a hundred"
    assert len(promoted(WORSE, 10, seed=3)) == 0, "expected is one in five hundred at most"


@pytest.mark.nightly
def test_equal_challengers_are_promoted_in_one_week_of_a_hundred_at_most() -> None:
    found = share(EQUAL, seed=4)
    assert found <= 0.01


@pytest.mark.nightly
def test_challengers_that_are_worse_by_the_gate_are_promoted_in_two_of_a_thousand_at_most() -> None:
    assert share(WORSE, seed=5) <= 0.002


@pytest.mark.nightly
def test_challengers_that_are_better_by_four_gates_are_promoted_in_four_of_five() -> None:
    assert share(BETTER, seed=6) >= 0.8


def share(case: Case, seed: int) -> float:
    """The share of weeks in which the challenger goes to production, printed (`pytest -s`)."""
    calibration(case)
    found = len(promoted(case, WEEKS, seed)) / WEEKS
    print(f"\ngain {case.gain:+.3f}: promoted in {found:.2%} of {WEEKS} weeks")  # noqa: T201
    return found
