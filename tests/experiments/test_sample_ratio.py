"""The test of the split of units over arms."""

from math import log

import numpy as np
import pytest

from hitcast.experiments.sample_ratio import FAULT, log_bayes_factor, sample_ratio

EQUAL = {"a": 1.0, "b": 1.0}
LOOKS = 30


def counts(seed: int, shares: list[float], units: int) -> np.ndarray[tuple[int, ...], np.dtype]:
    """Units by arm at each look, (looks, arms)."""
    random = np.random.default_rng(seed)
    return random.multinomial(units // LOOKS, shares, LOOKS).cumsum(axis=0)


def raised(seed: int, found: list[float], declared: list[float], units: int) -> bool:
    """Whether one of the looks finds a fault."""
    at = counts(seed, found, units)
    return any(log_bayes_factor([*map(int, of)], declared) >= log(FAULT) for of in at)


def test_the_factor_is_a_ratio_of_probabilities() -> None:
    # Over all outcomes of five units, the prior's predictions add up to 1.
    shares = [0.2, 0.3, 0.5]
    total = 0.0
    for a in range(6):
        for b in range(6 - a):
            c = [a, b, 5 - a - b]
            ways = np.exp(sum(map(log, range(1, 6))) - sum(
                sum(map(log, range(1, k + 1))) for k in c))  # fmt: skip
            likely = ways * np.prod([s**k for s, k in zip(shares, c, strict=True)])
            total += likely * np.exp(log_bayes_factor(c, shares))
    assert total == pytest.approx(1.0)


def test_of_a_thousand_sound_splits_ten_at_most_are_ever_called_a_fault() -> None:
    for declared in ([0.5, 0.5], [0.9, 0.1], [0.4, 0.3, 0.3]):
        found = sum(raised(seed, declared, declared, 30_000) for seed in range(1_000))
        assert found <= 10, declared


def test_a_fault_of_one_in_fifty_is_found_and_one_of_a_half_soon() -> None:
    found = sum(raised(seed, [0.51, 0.49], [0.5, 0.5], 60_000) for seed in range(100))
    assert found >= 90
    assert all(raised(seed, [0.6, 0.4], [0.5, 0.5], 1_500) for seed in range(100))


def test_periods_are_compared_with_their_own_weights() -> None:
    units = {"1": {"a": 900, "b": 100}, "2": {"a": 510, "b": 490}}
    sound = sample_ratio(units, {"1": {"a": 9, "b": 1}, "2": EQUAL})
    assert not sound.is_fault
    assert sound.units == {"a": 1410, "b": 590}
    assert sound.expected == pytest.approx({"a": 1400, "b": 600})
    assert sample_ratio(units, {"1": EQUAL, "2": EQUAL}).is_fault
    # Periods of unknown weights are left out.
    assert sample_ratio(units, {"2": EQUAL}).units == {"a": 510, "b": 490}


def test_an_arm_without_any_unit_is_found() -> None:
    found = sample_ratio({"1": {"a": 300}}, {"1": EQUAL})
    assert found.is_fault
    assert found.p_value < 1e-12
    assert found.told.startswith("a 300 (expected 150), b 0 (expected 150); p = ")


def test_without_units_nothing_is_found() -> None:
    assert sample_ratio({"1": {}}, {"1": EQUAL}).p_value == pytest.approx(1.0)
