"""How far one model leads another, as the benchmarks tell it."""

import numpy as np
import pytest

from benchmarks.leads import Judged, lead
from hitcast.models.metrics import Scored

METRICS = ("average_precision", "areaUnderROC", "log_loss")


def judged(seed: int, rows: int = 600) -> Judged:
    """A model that knows much and one that knows less, on rows of 200 groups."""
    generator = np.random.default_rng(seed)
    margin = generator.normal(-2, 2, rows)
    label = (generator.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    blurred = margin + generator.normal(0, 2, rows)
    probabilities = {"good": 1 / (1 + np.exp(-margin)), "worse": 1 / (1 + np.exp(-blurred))}
    return Judged(label, np.arange(rows) % 200, probabilities)


def test_a_lead_is_above_zero_for_the_better_one_by_any_metric() -> None:
    splits = [judged(seed) for seed in range(3)]
    for metric, led in lead(splits, "good", "worse", METRICS, draws=100).items():
        assert led.low > 0, metric
    for metric, led in lead(splits, "worse", "good", METRICS, draws=100).items():
        assert led.high < 0, metric


def test_a_lead_is_the_mean_of_the_differences_over_the_splits() -> None:
    splits = [judged(seed) for seed in range(3)]
    led = lead(splits, "good", "worse", ["areaUnderROC"], draws=2)["areaUnderROC"]
    areas = [
        {who: Scored(s.label, p).metrics(0.5)["areaUnderROC"] for who, p in s.probabilities.items()}
        for s in splits
    ]
    assert led.value == pytest.approx(np.mean([area["good"] - area["worse"] for area in areas]))


def test_a_split_that_is_seen_twice_makes_nothing_surer() -> None:
    once = lead([judged(1)], "good", "worse", METRICS, draws=50)
    twice = lead([judged(1), judged(1)], "good", "worse", METRICS, draws=50)
    for metric, led in once.items():
        assert twice[metric].error == pytest.approx(led.error), metric
