"""What a comparison says in words."""

import pytest

from hitcast.experiments.differences import Difference
from hitcast.experiments.metrics import METRICS
from hitcast.experiments.verdicts import (
    BETTER,
    NONE,
    NOT_YET,
    SAME,
    WORSE,
    Comparison,
    overall,
    verdict_of,
)

LOSS, OUTCOME = METRICS["log_loss"], METRICS["outcome"]


def compared(value: float, error: float) -> Comparison:
    return Comparison.of(Difference(value, error, 1000, 500.0), 0.01, 0.05)


@pytest.mark.parametrize(
    ("value", "error", "on_loss", "on_outcome"),
    [
        (0.05, 0.005, WORSE, BETTER),
        (-0.05, 0.005, BETTER, WORSE),
        (0.001, 0.001, SAME, SAME),
        (0.05, 0.05, NOT_YET, NOT_YET),
        # 0 is outside and yet nothing of it matters: that is what there is to know.
        (0.004, 0.001, SAME, SAME),
        # 0 is inside, and more than what matters is too.
        (0.008, 0.003, NOT_YET, NOT_YET),
    ],
)
def test_the_sequence_and_the_metrics_direction_say_it(
    value: float, error: float, on_loss: str, on_outcome: str
) -> None:
    found = compared(value, error)
    assert verdict_of(found, LOSS, 0.01)[0] == on_loss
    assert verdict_of(found, OUTCOME, 0.01)[0] == on_outcome


def test_an_interval_of_one_look_says_nothing() -> None:
    found = compared(0.01, 0.004)
    assert found.fixed.low > 0 > found.low
    assert verdict_of(found, OUTCOME, 0.02)[0] == NOT_YET


def test_few_units_are_a_reason_to_wait_whatever_they_show() -> None:
    assert verdict_of(compared(0.5, 0.001), LOSS, 0.01, "few") == (NOT_YET, "few")


def test_what_is_alike_in_every_unit_makes_no_difference() -> None:
    assert verdict_of(compared(0.0, 0.0), LOSS, 0.01)[0] == SAME


@pytest.mark.parametrize(("value", "error"), [(0.1, 0.0), (0.0, float("nan"))])
def test_without_spread_nothing_is_said(value: float, error: float) -> None:
    found = compared(value, error)
    assert found.low == float("-inf") or found.low != found.low
    verdict, reason = verdict_of(found, LOSS, 0.01)
    assert verdict == NOT_YET
    assert "no spread" in reason


def test_a_reason_tells_the_ends_and_what_they_leave_out() -> None:
    _, reason = verdict_of(compared(0.05, 0.005), OUTCOME, 0.01)
    assert reason.startswith("between +0.0")
    assert reason.endswith("in share of positive outcomes, treatment less control: 0 is outside")


def test_of_several_arms_what_there_is_to_do_something_about_goes_first() -> None:
    assert overall([WORSE, BETTER, NOT_YET]) == BETTER
    assert overall([WORSE, SAME, NOT_YET]) == NOT_YET
    assert overall([WORSE, SAME]) == SAME
    assert overall([NONE, WORSE]) == WORSE
    assert overall([NONE]) == NONE
