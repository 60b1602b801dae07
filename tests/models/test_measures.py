"""Metrics of weighted rows against scikit-learn's and MLlib's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.functions import array_to_vector
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.models.bootstrap import units_of
from hitcast.models.calibration import platt
from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored
from hitcast.portable.blend import log_odds
from tests.models.one_by_one import bootstrap, difference, draw_weights

NAMES = (
    "average_precision", "areaUnderPR", "areaUnderROC", "accuracy", "precision", "recall", "f1",
    "log_loss", "brier",
)  # fmt: skip


def scored(rows: int, seed: int = 0) -> Scored:
    """Rows with many equal probabilities, which go up with the label."""
    generator = np.random.default_rng(seed)
    label = (generator.random(rows) < 0.2).astype(float)
    return Scored(
        label, np.clip(generator.normal(0.2 + 0.2 * label, 0.2), 0, 1).round(2).astype(float)
    )


@pytest.mark.parametrize("name", NAMES)
def test_with_equal_weights_each_is_the_metric_of_the_rows(name: str) -> None:
    rows = scored(500)
    expected = rows.metrics(0.3)[name]
    assert Measured(rows, 0.3).of(name)(np.ones(500)) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)  # The first example imports scikit-learn.
@given(st.lists(st.integers(0, 3), min_size=60, max_size=60))
def test_a_weight_is_a_row_that_often(counts: list[int]) -> None:
    rows = scored(60, seed=1)
    often = np.repeat(np.arange(60), counts)
    drawn = Scored(rows.label[often], rows.probability[often])
    measured = Measured(rows, 0.3)
    if len(set(drawn.label.tolist())) < 2:
        assert np.isnan(measured.area_under_roc(np.array(counts, float)))
        return
    expected = drawn.metrics(0.3)
    for name in NAMES:
        assert measured.of(name)(np.array(counts, float)) == pytest.approx(expected[name])


@pytest.mark.spark
def test_area_under_pr_is_that_of_mllib(spark: SparkSession) -> None:
    rows = scored(400, seed=2)
    frame = spark.createDataFrame(
        list(zip(rows.label.tolist(), rows.probability.tolist(), strict=True)),
        "label double, p double",
    ).withColumn("raw", array_to_vector(F.array(1 - F.col("p"), F.col("p"))))
    for name in ("areaUnderPR", "areaUnderROC"):
        theirs = BinaryClassificationEvaluator(rawPredictionCol="raw", metricName=name, numBins=0)
        assert rows.metrics(0.5)[name] == pytest.approx(theirs.evaluate(frame), abs=1e-12)


def test_the_slope_says_how_sure_probabilities_may_be() -> None:
    generator = np.random.default_rng(3)
    margin = generator.normal(-2, 1.5, 200_000)
    label = (generator.random(200_000) < 1 / (1 + np.exp(-margin))).astype(float)
    slope, intercept = platt(label, margin)
    assert [slope, intercept] == pytest.approx([1, 0], abs=0.04)
    too_sure = Measured(Scored(label, 1 / (1 + np.exp(-2 * margin))))
    assert too_sure.calibration_slope(np.ones(200_000)) == pytest.approx(0.5, abs=0.02)
    assert np.isnan(platt(np.zeros(5), margin[:5])).all()


def test_the_gap_at_the_top_is_of_the_twentieth_with_the_highest_probabilities() -> None:
    probability = np.linspace(0, 1, 100)
    label = (np.arange(100) >= 97).astype(float)
    gap = Measured(Scored(label, probability)).top_gap(np.ones(100))
    assert gap == pytest.approx(probability[95:].mean() - 3 / 5)


@pytest.mark.parametrize("slope", [0.05, 0.3, 3])
def test_a_slope_is_found_however_far_it_is_from_1(slope: float) -> None:
    generator = np.random.default_rng(4)
    margin = generator.normal(-2, 1.5, 20_000)
    label = (generator.random(20_000) < 1 / (1 + np.exp(-margin))).astype(float)
    found = platt(label, margin / slope)
    assert found == pytest.approx([slope, 0], abs=0.1)
    assert platt(label, margin / slope, start=found) == pytest.approx(found)
    measured = Measured(Scored(label, 1 / (1 + np.exp(-margin / slope))))
    # The same, whichever draw is asked for first.
    weights = generator.integers(0, 3, 20_000).astype(float)
    alone = platt(label, log_odds(measured.scored.probability), weights)
    assert measured.calibration_slope(weights) == pytest.approx(alone[0])


def test_a_slope_is_found_where_most_rows_say_the_same() -> None:
    generator = np.random.default_rng(6)
    margin = np.where(generator.random(50_000) < 0.9, -3.15, generator.normal(0, 1, 50_000))
    truth = 1 / (1 + np.exp(-(2 * margin + 1)))
    label = (generator.random(50_000) < truth).astype(float)
    assert platt(label, margin) == pytest.approx([2, 1], abs=0.1)


def test_log_odds_are_finite_and_those_of_the_probability() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    assert log_odds(np.array([0.5, 0.9])) == pytest.approx([0, np.log(9)])


def test_draws_take_or_leave_whole_groups() -> None:
    units = units_of(["a", "b", "a", "c"])
    for weights in draw_weights(units, 20):
        assert weights[0] == weights[2]
        assert weights[0] + weights[1] + weights[3] == 3


def test_intervals_hold_what_is_true_as_often_as_they_say() -> None:
    held = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        units = np.repeat(np.arange(100), 5)
        values = np.repeat(generator.normal(0, 1, 100), 5) + generator.normal(0, 0.1, 500)

        def mean(weights: np.ndarray, values: np.ndarray = values) -> float:
            return float(weights @ values / weights.sum())

        found = bootstrap({"mean": mean}, units, draws=100, seed=seed)["mean"]
        held += found.low <= 0 <= found.high
    # 4 standard errors of 200 tries.
    assert abs(held / 200 - 0.95) < 4 * (0.95 * 0.05 / 200) ** 0.5


def test_a_difference_is_taken_on_the_same_draws() -> None:
    rows = scored(300, seed=4)
    measure = Measured(rows).of("average_precision")
    found = bootstrap({"gain": difference(measure, measure)}, np.arange(300), draws=20)["gain"]
    assert (found.value, found.low, found.high) == (0, 0, 0)
