"""Which families answer, on made-up predictions."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hitcast.models.calibration import platt
from hitcast.portable.blend import log_odds, sigmoid
from hitcast.training.blending import LEAST, choose, fit_blend, nested
from hitcast.training.rows import Rows

METRIC = "average_precision"
N = 6000


def rows_of(margin: NDArray[np.float64], seed: int = 0) -> Rows:
    """Rows in groups of three, whose label follows the log-odds `margin`."""
    label = (np.random.default_rng(seed).random(len(margin)) < sigmoid(margin)).astype(float)
    groups = np.arange(len(margin)) // 3
    return Rows(np.arange(len(margin)), label, groups % 3, groups, np.ones(len(margin), bool))


def two_halves(seed: int = 1) -> tuple[Rows, list[NDArray[np.float64]]]:
    """What decides is in two parts, and each family knows one of them."""
    generator = np.random.default_rng(seed)
    first, second = generator.normal(0, 1.5, (2, N))
    return rows_of(first + second - 2), [sigmoid(first - 2), sigmoid(second - 2)]


def test_families_that_know_different_things_are_blended() -> None:
    rows, families = two_halves()
    found = choose(rows, families, METRIC)
    assert found.members == (0, 1)
    assert found.blend.weights == pytest.approx((1, 1), abs=0.15)
    assert found.gain is not None
    assert found.gain.low > 0
    whole = found.blend.probabilities(families)
    assert platt(rows.label, log_odds(whole)) == pytest.approx((1, 0), abs=0.01)


def test_a_family_that_says_the_same_again_is_not_taken() -> None:
    rows, (first, _) = two_halves()
    found = choose(rows, [first, first], METRIC)
    assert found.members == (0,)
    assert found.gain is not None
    assert found.gain.value == pytest.approx(0, abs=1e-6)


def test_noise_is_given_no_weight() -> None:
    rows, (first, _) = two_halves()
    noise = np.random.default_rng(2).uniform(0.01, 0.99, N)
    blend = fit_blend(rows.label, [first, noise])
    assert blend.weights[0] > 0.5
    assert blend.weights[1] < 0.05
    assert fit_blend(rows.label, [1 - noise, first]).weights[0] < 0.05


def test_a_family_that_is_too_sure_is_calibrated() -> None:
    margin = np.random.default_rng(3).normal(-2, 1, N)
    rows = rows_of(margin)
    found = choose(rows, [sigmoid(3 * margin)], METRIC)
    assert found.blend.weights == pytest.approx((1 / 3,), abs=0.05)
    assert found.gain is None
    slope, intercept = platt(rows.label, log_odds(found.probability))
    assert [slope, intercept] == pytest.approx([1, 0], abs=0.15)


def test_a_family_without_a_fault_has_a_finite_weight() -> None:
    margin = np.random.default_rng(5).normal(0, 1, N)
    rows = replace(rows_of(margin), label=(margin > 0).astype(float))
    found = choose(rows, [sigmoid(margin)], METRIC)
    assert found.blend.weights[0] < 1e4
    assert found.blend.probabilities([sigmoid(margin)]).max() > 0.99


def test_the_only_family_keeps_its_order_even_if_it_knows_nothing() -> None:
    margin = np.random.default_rng(4).normal(-2, 1, N)
    found = choose(rows_of(-margin), [sigmoid(margin)], METRIC)
    assert found.blend.weights == (LEAST,)


def test_what_a_fold_is_measured_by_does_not_see_its_labels() -> None:
    rows, families = two_halves()
    inside = rows.fold == 1
    turned = Rows(
        rows.ids, np.where(inside, 1 - rows.label, rows.label), rows.fold, rows.groups, rows.tuning
    )
    assert np.array_equal(nested(rows, families)[inside], nested(turned, families)[inside])
    assert not np.array_equal(nested(rows, families)[~inside], nested(turned, families)[~inside])
