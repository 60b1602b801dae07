"""Intervals of all draws at once, some at a time, against those of one after the other."""

import numpy as np
import pytest

from hitcast.models.bootstrap import units_of
from hitcast.models.drawn import intervals
from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored
from tests.models.one_by_one import bootstrap, difference

METRICS = ("average_precision", "areaUnderROC", "calibration_slope", "f1", "top_gap")


def scored(rows: int, noise: float, digits: int) -> Scored:
    generator = np.random.default_rng(5)
    margin = generator.normal(-2, 1.5, rows)
    label = (generator.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    seen = margin + np.random.default_rng(6).normal(0, noise, rows)
    return Scored(label, (1 / (1 + np.exp(-seen))).round(digits))


@pytest.mark.parametrize("digits", [2, 12])
def test_errors_are_those_of_the_same_draws_one_after_the_other(digits: int) -> None:
    one, other = (Measured(scored(2000, noise, digits), 0.3) for noise in (0.2, 1.0))
    units = units_of(np.random.default_rng(7).integers(0, 500, 2000))
    expected = bootstrap({m: one.of(m) for m in METRICS}, units, draws=120)
    for metric, found in intervals(one, units, METRICS, draws=120).items():
        near = 0.05 if metric == "calibration_slope" else 1e-9
        assert found.value == pytest.approx(expected[metric].value), metric
        assert found.error == pytest.approx(expected[metric].error, rel=near), metric
    expected = bootstrap({m: difference(one.of(m), other.of(m)) for m in METRICS}, units, draws=120)
    for metric, found in intervals(one, units, METRICS, less=other, draws=120).items():
        near = 0.05 if metric == "calibration_slope" else 1e-9
        assert found.value == pytest.approx(expected[metric].value), metric
        assert found.error == pytest.approx(expected[metric].error, rel=near), metric


def test_a_draw_without_a_class_counts_for_nothing() -> None:
    rows = Measured(Scored(np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.9, 0.2, 0.1, 0.2])))
    found = intervals(rows, np.arange(4), METRICS[:2], draws=50)
    assert found["areaUnderROC"].value == 1.0
    assert found["areaUnderROC"].error == 0.0
