"""Which rows tell what a column is worth."""

import numpy as np
import pytest

from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored
from hitcast.training.importance import stratified


def test_a_rare_class_is_in_the_sample_and_weighs_what_it_did() -> None:
    generator = np.random.default_rng(0)
    label = (np.arange(100_000) % 500 == 0).astype(float)
    places, weights = stratified(label, 5000, 150, generator)
    assert (np.diff(places) > 0).all()
    positive = label[places] == 1
    # Its share would be 10 of 5,000.
    assert positive.sum() == 150
    assert len(places) == pytest.approx(5000, abs=150)
    assert weights[positive].sum() == pytest.approx(label.sum())
    assert weights[~positive].sum() == pytest.approx(100_000 - label.sum())


def test_a_weighted_sample_measures_what_all_rows_do() -> None:
    generator = np.random.default_rng(1)
    margin = generator.normal(-5, 1.5, 200_000)
    probability = 1 / (1 + np.exp(-margin))
    label = (generator.random(200_000) < probability).astype(float)
    places, weights = stratified(label, 10_000, 1000, generator)
    sample = Measured(Scored(label[places], probability[places]))
    whole = Scored(label, probability).metrics(0.5)
    assert sample.average_precision(weights) == pytest.approx(whole["average_precision"], abs=0.03)
    assert sample.area_under_roc(weights) == pytest.approx(whole["areaUnderROC"], abs=0.02)


def test_few_rows_are_all_taken_in_their_order() -> None:
    label = np.array([0.0, 1.0, 0.0])
    places, weights = stratified(label, 10, 5, np.random.default_rng(0))
    assert places.tolist() == [0, 1, 2]
    assert weights.tolist() == [1, 1, 1]
