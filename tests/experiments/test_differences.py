"""The difference of two arms: by unit, within periods, in pairs."""

import numpy as np
import pytest

from hitcast.experiments.differences import Difference, Rows, difference, ratio
from hitcast.models.metrics import Array


def rows(unit: list[int], treated: list[bool], total: list[float], count: list[float]) -> Rows:
    period = np.zeros(len(unit), int)
    columns = (np.array(unit), period, np.array(treated), np.array(total), np.array(count))
    return Rows(*columns)


def drawn(seed: int, periods: list[tuple[int, float, float]], effect: float = 0.0) -> Rows:
    """Units of periods with a share of the treatment and a rate each; no unit is in two."""
    random = np.random.default_rng(seed)
    parts = []
    for number, (units, share, rate) in enumerate(periods):
        treated = random.random(units) < share
        count = random.integers(1, 10, units)
        total = random.binomial(count, rate + effect * treated)
        unit = np.arange(units) + 1_000_000 * number
        parts.append((unit, np.full(units, number), treated, total * 1.0, count * 1.0))
    return Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def test_a_difference_is_that_of_ratios_of_sums_with_the_error_of_unequal_variances() -> None:
    found = difference(drawn(1, [(4000, 0.3, 0.2)], 0.05))
    held = drawn(1, [(4000, 0.3, 0.2)], 0.05)
    parts = []
    for side in (held.treated, ~held.treated):
        total, count = held.total[side], held.count[side]
        value = total.sum() / count.sum()
        # Each unit as one observation of the linearised ratio: Welch's variance of its mean.
        moved = (total - value * count) / count.mean()
        parts.append((value, moved.var(ddof=1) / side.sum()))
    (treated, of_treated), (control, of_control) = parts
    assert found.value == pytest.approx(treated - control)
    assert found.error == pytest.approx(np.sqrt(of_treated + of_control), rel=1e-9)
    assert found.units == 4000


def test_predictions_of_one_unit_are_not_taken_for_independent() -> None:
    random = np.random.default_rng(2)
    units, each = 400, 25
    own = random.random(units) < 0.5
    treated = random.random(units) < 0.5
    total: Array = own.astype(float) * each
    count: Array = np.full(units, float(each))
    found = difference(Rows(np.arange(units), np.zeros(units, int), treated, total, count))
    # All predictions of a unit agree: there are 400 observations, not 10,000.
    assert found.error == pytest.approx(np.sqrt(0.25 / 200 * 2), rel=0.03)


def test_a_mix_that_changes_with_the_weights_is_not_taken_for_a_difference() -> None:
    periods = [(5000, 0.1, 0.05), (5000, 0.9, 0.25)]
    held = drawn(3, periods)
    found = difference(held)
    assert abs(found.value) < 3 * found.error
    whole = Rows(held.unit, np.zeros_like(held.period), held.treated, held.total, held.count)
    assert difference(whole).value > 0.1, "without periods the world's change is the treatment's"


def test_weeks_of_a_canary_add_what_they_know_and_blur_nothing() -> None:
    canary, halves = (20_000, 0.01, 0.3), (20_000, 0.5, 0.3)
    both, alone = difference(drawn(5, [canary, halves])), difference(drawn(5, [halves]))
    assert both.error < 1.01 * alone.error
    assert both.periods_left_out == 0


def test_a_unit_in_several_periods_counts_as_one() -> None:
    once = drawn(4, [(2000, 0.5, 0.3)])
    twice = Rows(
        np.tile(once.unit, 2), np.repeat([0, 1], 2000), np.tile(once.treated, 2),
        np.tile(once.total, 2), np.tile(once.count, 2),
    )  # fmt: skip
    assert difference(twice).value == pytest.approx(difference(once).value)
    assert difference(twice).error == pytest.approx(difference(once).error)
    assert difference(twice).units == 2000


def test_a_unit_that_changes_arms_takes_its_own_rate_with_it_and_the_error_shrinks() -> None:
    once = drawn(5, [(2000, 0.5, 0.3)])
    moved = Rows(
        np.tile(once.unit, 2), np.repeat([0, 1], 2000), np.append(once.treated, ~once.treated),
        np.tile(once.total, 2), np.tile(once.count, 2),
    )  # fmt: skip
    assert difference(moved).value == pytest.approx(0, abs=1e-12)
    assert difference(moved).error < 0.05 * difference(once).error


def test_pairs_are_compared_by_what_differs_within_a_unit() -> None:
    random = np.random.default_rng(6)
    units = 1000
    hard = random.gamma(1.0, 1.0, units)
    count = random.integers(1, 20, units) * 1.0
    control = hard * count
    shadow = control + (0.01 + 0.02 * random.standard_normal(units)) * count
    found = difference(
        rows(
            [*range(units)] * 2, [True] * units + [False] * units,
            [*shadow, *control], [*count, *count],
        )
    )  # fmt: skip
    assert found.value == pytest.approx(0.01, abs=3 * found.error)
    within = (shadow - control) - found.value * count
    assert found.error == pytest.approx(
        np.sqrt((within**2).sum() * units / (units - 1)) / count.sum()
    )
    assert found.units == units


def test_periods_with_few_units_in_an_arm_are_left_out_and_told() -> None:
    found = difference(drawn(7, [(2000, 0.5, 0.1), (200, 0.01, 0.9)]))
    assert found.periods_left_out == 1
    assert found.units == 2000
    nothing = difference(drawn(7, [(200, 0.01, 0.9)]))
    assert np.isnan(nothing.value) and np.isnan(nothing.error)
    assert (nothing.units, nothing.periods_left_out) == (0, 1)


def test_without_rows_there_is_no_difference() -> None:
    nobody = np.zeros(0, int)
    found = difference(Rows(nobody, nobody, nobody > 0, np.zeros(0), np.zeros(0)))
    assert isinstance(found, Difference)
    assert np.isnan(found.value)


def test_units_without_a_known_outcome_tell_nothing() -> None:
    held = drawn(8, [(2000, 0.5, 0.1)])
    empty = Rows(
        np.append(held.unit, 5000 + np.arange(500)), np.append(held.period, np.zeros(500, int)),
        np.append(held.treated, np.ones(500, bool)), np.append(held.total, np.zeros(500)),
        np.append(held.count, np.zeros(500)),
    )  # fmt: skip
    assert difference(empty) == difference(held)


def test_the_variance_of_a_rare_outcome_is_carried_by_the_units_that_had_it() -> None:
    count = np.ones(20_000)
    total = np.zeros(20_000)
    total[:40] = 1  # 20 in each arm.
    treated = np.arange(20_000) % 2 == 0
    found = difference(Rows(np.arange(20_000), np.zeros(20_000, int), treated, total, count))
    assert found.carried == pytest.approx(20, rel=0.02)


def test_the_metric_of_one_arm_has_the_error_of_its_units() -> None:
    unit = np.repeat(np.arange(500), 2)
    total = np.repeat(np.random.default_rng(9).random(500), 2)
    found = ratio(unit, total, np.ones(1000))
    assert found.value == pytest.approx(total.mean())
    assert found.error == pytest.approx(total[::2].std(ddof=1) / np.sqrt(500))
    assert np.isnan(ratio(unit, total, np.zeros(1000)).value)
