"""The bootstrap in bins against the one row by row."""

import numpy as np
import pytest

from hitcast.models.binned import BINS, intervals
from hitcast.models.bootstrap import bootstrap, difference, units_of
from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored

METRICS = ("average_precision", "areaUnderROC", "calibration_slope")


def scored(rows: int, noise: float, digits: int) -> Scored:
    generator = np.random.default_rng(5)
    margin = generator.normal(-2, 1.5, rows)
    label = (generator.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    seen = margin + np.random.default_rng(6).normal(0, noise, rows)
    return Scored(label, (1 / (1 + np.exp(-seen))).round(digits))


@pytest.mark.parametrize(("rows", "digits", "near"), [(900, 2, 1e-6), (20_000, 12, 0.02)])
def test_errors_are_those_of_the_same_draws_row_by_row(rows: int, digits: int, near: float) -> None:
    ours, theirs = scored(rows, 0.2, digits), scored(rows, 1.0, digits)
    units = units_of(np.random.default_rng(7).integers(0, rows // 4, rows))
    assert (len(np.unique(ours.probability)) <= BINS) == (near < 0.01)
    one, other = Measured(ours), Measured(theirs)
    expected = bootstrap({m: one.of(m) for m in METRICS}, units, draws=60)
    for metric, found in intervals(ours, units, METRICS, draws=60).items():
        assert found.value == expected[metric].value
        assert found.error == pytest.approx(expected[metric].error, rel=near), metric
    expected = bootstrap({m: difference(one.of(m), other.of(m)) for m in METRICS}, units, draws=60)
    for metric, found in intervals(ours, units, METRICS, less=theirs, draws=60).items():
        assert found.value == pytest.approx(expected[metric].value)
        assert found.error == pytest.approx(expected[metric].error, rel=2 * near), metric


def test_a_draw_without_a_class_counts_for_nothing() -> None:
    rows = Scored(np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.9, 0.2, 0.1, 0.2]))
    found = intervals(rows, np.arange(4), METRICS[:2], draws=50)
    assert found["areaUnderROC"].value == 1.0
    assert found["areaUnderROC"].error == 0.0
