"""What a step gave: trials in, gains out; nothing is fitted here."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from hitcast.declaration.candidates import Candidate, Scalar
from hitcast.models.metrics import Array
from hitcast.training.ablation import ablations
from hitcast.training.rows import Rows
from hitcast.training.search import CvResult, measure_folds
from hitcast.training.searches import FamilyResult
from hitcast.training.view_fits import Again
from hitcast.training.views import View

COUNT = 600
SPACES = {"select": {"grid": ["none", "importance:2"]}, "pca": {"grid": [0, 3]}}


def trial(blur: float, **parameters: Scalar) -> CvResult:
    """A setting whose probabilities are true but for a blur."""
    generator = np.random.default_rng(0)
    margin = generator.normal(0, 2, COUNT)
    label = (generator.random(COUNT) < 1 / (1 + np.exp(-margin))).astype(float)
    noise = generator.normal(0, 1, COUNT)
    probability = 1 / (1 + np.exp(-margin - blur * noise))
    numbers = np.arange(COUNT)
    rows = Rows(numbers, label, numbers % 3, numbers % 100, numbers >= 0)
    folds = measure_folds(rows, probability, 0.5)
    return CvResult("logistic_regression", parameters, rows, probability, 0.5, folds)


def looks_at(*trials: CvResult) -> dict[str, Callable[[], list[View]]]:
    """Looks at the steps of trials, of which the first one is the best."""
    candidate = Candidate.model_validate({"encoding": "one_hot", "search": SPACES})
    use_case = SimpleNamespace(
        candidates={"logistic_regression": candidate},
        training=SimpleNamespace(metric="average_precision"),
    )
    no_rows: Any = None
    again = Again(trials[0], no_rows, cast(Any, use_case), cast(Any, SimpleNamespace(seed=0)))
    return dict(ablations([FamilyResult(trials[0], trials, "run", 1.0, True)], again))


def test_a_step_of_the_best_setting_is_compared_with_the_same_trial_without_it() -> None:
    looks = looks_at(
        trial(0.0, regParam=0.1, select="importance:2", pca=0),
        trial(3.0, regParam=0.1, select="none", pca=0),
        trial(9.0, regParam=0.5, select="none", pca=0),
    )
    # No trial had components.
    assert looks["gain_pca_logistic_regression"]() == []
    (view,) = looks["gain_select_logistic_regression"]()
    assert view.told.startswith("logistic_regression: what select importance:2 gives")
    expected = [trial(blur).out_of_fold.metrics(0.5)["average_precision"] for blur in (0.0, 3.0)]
    gain = view.figures["average_precision"]
    assert gain.value == pytest.approx(expected[0] - expected[1])
    assert 0 < gain.low < gain.value < gain.high


def test_a_step_that_the_best_setting_lacks_is_that_of_the_best_trial_with_it() -> None:
    looks = looks_at(trial(0.0, pca=0), trial(5.0, pca=3), trial(1.0, pca=3))
    (view,) = looks["gain_pca_logistic_regression"]()
    gain = view.figures["average_precision"]
    expected = [trial(blur).out_of_fold.metrics(0.5)["average_precision"] for blur in (1.0, 0.0)]
    assert gain.value == pytest.approx(expected[0] - expected[1])
    assert gain.value < 0


def test_without_such_a_trial_the_best_setting_is_fitted_without_the_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[CvResult] = []

    def without(again: Again, names: tuple[str, ...]) -> Array:
        assert names == ()
        asked.append(again.tuned)
        return trial(2.0).probability

    monkeypatch.setattr(Again, "without", without)
    looks = looks_at(trial(0.0, regParam=0.1, pca=3))
    assert looks["gain_select_logistic_regression"]() == []
    (view,) = looks["gain_pca_logistic_regression"]()
    assert [setting.parameters for setting in asked] == [{"regParam": 0.1, "pca": 0}]
    assert view.figures["average_precision"].value > 0
