"""The confidence sequence: its formula, what it is tuned for, what it holds."""

from math import log, sqrt

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from hitcast.experiments.power import away_for, found_by_sequence, power_of
from hitcast.experiments.sequences import half_width, scale_for


@pytest.mark.parametrize("n", [10, 1_000, 100_000])
def test_it_is_the_published_closed_form(n: int) -> None:
    s, r, alpha = 0.7, 0.02, 0.05
    published = s * sqrt(2 * (n * r**2 + 1) / (n**2 * r**2) * log(sqrt(n * r**2 + 1) / alpha))
    assert half_width(s / sqrt(n), s * r, alpha) == pytest.approx(published)


def test_it_is_as_the_closed_form_gives_it_by_hand() -> None:
    # 10,000 units, s = 1, r = .01: sqrt(2 * 2 / 1e4 * log(sqrt(2) / .05)).
    assert half_width(0.01, 0.01) == pytest.approx(0.0365639, abs=1e-6)


@pytest.mark.parametrize("alpha", [0.05, 0.025, 0.01])
def test_it_is_narrowest_where_the_declared_difference_is_to_be_found(alpha: float) -> None:
    declared = 0.02
    scale = scale_for(declared, alpha)
    # There the difference is as many errors away as the sequence reaches, and .84 more.
    errors = np.linspace(0.0005, 0.02, 20_000)
    at = errors[np.argmin(np.abs(declared - half_width(errors, scale, alpha) - 0.8416 * errors))]
    best = minimize_scalar(
        lambda t: half_width(float(at), t, alpha), bounds=(1e-4, 1.0), method="bounded"
    ).fun
    assert half_width(float(at), scale, alpha) == pytest.approx(best, rel=0.002)


def test_it_is_never_narrower_than_an_interval_of_one_look() -> None:
    errors = np.geomspace(1e-5, 10, 400)
    assert np.all(half_width(errors, scale_for(0.01)) > 2.4 * errors)


def test_of_normal_observations_it_is_wrong_in_five_of_a_hundred_at_most_ever() -> None:
    walks = np.random.default_rng(1).standard_normal((2000, 5000)).cumsum(axis=1)
    n = np.arange(1, 5001)
    reach = half_width(1 / np.sqrt(n), scale_for(0.1))
    wrong = np.mean((np.abs(walks / n) > reach).any(axis=1))
    # Of 2,000, within three standard errors; there are 5,000 looks, and no more are to come.
    assert 0.01 < wrong <= 0.05 + 3 * sqrt(0.05 * 0.95 / 2000)


def test_power_rises_with_units_and_is_that_of_the_share_that_is_promised() -> None:
    powers = [found_by_sequence(away) for away in (1.0, 2.0, 3.0, 4.0, 5.0)]
    assert powers == sorted(powers)
    assert found_by_sequence(away_for()) == pytest.approx(0.8, abs=0.01)
    assert found_by_sequence(25.0) == 1.0
    assert away_for(0.05 / 3) > away_for()


def test_units_needed_follow_from_the_variance_of_one() -> None:
    found = power_of(0.01, error=0.005, units=10_000, planned=40_000)
    # 2 errors away with 10,000; (1.96 + .84)² = 7.85 of one error take 19,622.
    assert found.units_needed_once == pytest.approx(19_622, abs=2)
    assert found.units_needed == pytest.approx(10_000 * (away_for() / 2) ** 2, abs=1)
    assert found.still_needed == (found.units_needed or 0) - 10_000
    assert found.at_planned == pytest.approx(found_by_sequence(4.0))


def test_without_a_variance_nothing_is_said_of_units() -> None:
    found = power_of(0.01, error=float("nan"), units=0, planned=100)
    assert (found.units_needed, found.still_needed, found.at_planned) == (None, None, None)
