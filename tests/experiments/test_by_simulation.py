"""What the report's promises are worth: made-up experiments, looked at 30 times each.

The long ones are 2,000 experiments a base rate, with fixed seeds: about eight minutes in all on a
core.
They print their figures (`pytest -s`), which stand in docs/experiments-report.md.
"""

from dataclasses import replace
from functools import lru_cache
from math import sqrt

import numpy as np
import pytest

from hitcast.experiments.differences import Rows, difference
from hitcast.experiments.power import power_of
from hitcast.experiments.verdicts import BETTER, SAME, WORSE
from tests.experiments.simulated import Paths, World, paths, share_first, share_with, verdicts

RATES = {
    0.005: World(rate=0.005, units=3_000),
    0.05: World(rate=0.05, units=2_500),
    0.5: World(rate=0.5),
}
RUNS = 2_000
POWER_RUNS = 1_000
AWAY = (3.0, 3.7, 6.0, 12.0)
"""The declared difference, in standard errors at the last look."""


def within(share: float, runs: int) -> float:
    """A share and three standard errors of Monte Carlo."""
    return share + 3 * sqrt(share * (1 - share) / runs)


@lru_cache
def without_difference(rate: float, runs: int) -> Paths:
    """Experiments whose arms are the same."""
    return paths(RATES[rate], runs, seed=1)


def settled(found: Paths) -> float:
    """The standard error at the last look."""
    return float(np.median(found.error[:, -1]))


def coverage(found: Paths, truth: float = 0.0) -> float:
    """The share of 95 % intervals at the last look that hold the truth."""
    missed = np.abs(found.value[:, -1] - truth) > 1.959964 * found.error[:, -1]
    return 1 - float(np.mean(missed))


def judge_without_difference(rate: float, runs: int) -> None:
    found = without_difference(rate, runs)
    error = settled(found)
    said = {away: verdicts(found, away * error) for away in AWAY}
    wrong = {away: share_with(of, BETTER, WORSE) for away, of in said.items()}
    same = {away: share_with(of, SAME) for away, of in said.items()}
    once = np.abs(found.value) > 1.959964 * found.error
    looking = float(np.mean((once & (found.fewest >= 20)).any(axis=1)))
    covered = coverage(found)
    print(  # noqa: T201
        f"\nrate {rate:.1%}, {runs} experiments: better or worse said in "
        + ", ".join(f"{v:.2%} (declared {k:g} errors)" for k, v in wrong.items())
        + f"; by intervals of one look {looking:.1%}; these cover {covered:.2%}; no difference in "
        + ", ".join(f"{v:.0%}" for v in same.values())
    )
    assert max(wrong.values()) <= within(0.05, runs)
    # Who looks at intervals of one look every day errs far more often: the worlds are no easy ones.
    assert looking > 0.1
    spare = 3 * sqrt(0.05 * 0.95 / runs) if runs < RUNS else 0.0
    assert 0.93 - spare <= covered <= 0.97 + spare


def judge_power(rate: float, runs: int) -> None:
    world, error = RATES[rate], settled(without_difference(rate, min(runs, 200)))
    for away in (3.0, 3.7):
        declared = away * error
        found = paths(replace(world, effect=declared), runs, seed=2)
        announced = power_of(declared, settled(found), world.units, planned=world.units).at_planned
        said = verdicts(found, declared)
        seen = share_first(said, BETTER)
        print(  # noqa: T201
            f"\nrate {rate:.1%}, difference {declared:.2g}, {runs} experiments: announced "
            f"{announced:.3f}, found {seen:.3f}; no difference said in {share_with(said, SAME):.2%}"
            f"; intervals cover {coverage(found, declared):.2%}"
        )
        assert announced is not None
        assert abs(seen - announced) <= 0.05 + (0 if runs >= POWER_RUNS else 3 * 0.5 / sqrt(runs))
        assert share_with(said, SAME) <= within(0.05, runs)
        assert share_with(said, WORSE) == 0


@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_some_experiments_without_a_difference_find_none(rate: float) -> None:
    judge_without_difference(rate, 150)


def test_some_experiments_find_what_is_declared_as_often_as_announced() -> None:
    judge_power(0.05, 100)


@pytest.mark.nightly
@pytest.mark.parametrize("rate", list(RATES))
def test_experiments_without_a_difference_say_there_is_one_in_five_of_a_hundred_at_most(
    rate: float,
) -> None:
    judge_without_difference(rate, RUNS)


@pytest.mark.nightly
@pytest.mark.parametrize("rate", list(RATES))
def test_the_declared_difference_is_found_as_often_as_announced(rate: float) -> None:
    judge_power(rate, POWER_RUNS)


# What is hard on the sequence: unequal arms with rare outcomes, heavy losses, units that are all
# there from the start and only come back, units that are others each day.
HARD = {
    "a tenth": World(rate=0.005, units=3_000, share=0.1),
    "a tenth, log loss": World(rate=0.005, units=3_000, share=0.1, loss=True),
    "come back only": World(rate=0.05, at_once=1.0, spread=1.5),
    "come back as others": World(rate=0.05, at_once=1.0, spread=1.5, fickle=True),
}


@pytest.mark.nightly
@pytest.mark.parametrize("name", list(HARD))
def test_hard_worlds_make_no_verdict_wrong_more_often(name: str) -> None:
    found = paths(HARD[name], 1_000, seed=3)
    error = settled(found)
    for fewest in (0, 5, 10, 20):
        held = replace(found, fewest=np.where(found.fewest >= fewest, 1e9, 0))
        wrong = max(share_with(verdicts(held, away * error), BETTER, WORSE) for away in (3.7, 12.0))
        print(f"\n{name}: wrong in {wrong:.2%} with {fewest} units at least")  # noqa: T201
    assert wrong <= within(0.05, 1_000)


def changing(random: np.random.Generator, effect: float) -> Rows:
    """Three periods of other weights and another world each; a third of the units come back."""
    units = 3_000
    parts = []
    own = random.random(units)
    for period, (share, rate) in enumerate([(0.2, 0.02), (0.5, 0.1), (0.8, 0.3)]):
        # The units of a period, and as many of the one before as come back.
        here = np.arange(units)[period * 800 : period * 800 + 1_200]
        treated = own[here] < share
        count = random.integers(1, 20, len(here))
        total = random.binomial(count, rate + effect * treated)
        parts.append((here, np.full(len(here), period), treated, total * 1.0, count * 1.0))
    return Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


@pytest.mark.parametrize("effect", [0.0, 0.02])
def test_changing_worlds_and_weights_bias_no_difference(effect: float) -> None:
    random = np.random.default_rng(5)
    found = [difference(changing(random, effect)) for _ in range(600)]
    values, errors = (np.array([getattr(d, name) for d in found]) for name in ("value", "error"))
    assert values.mean() == pytest.approx(effect, abs=3 * values.std() / sqrt(600))
    covered = np.mean(np.abs(values - effect) < 1.96 * errors)
    assert abs(covered - 0.95) <= 0.02 + 3 * sqrt(0.05 * 0.95 / 600)
