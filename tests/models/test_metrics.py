import numpy as np
import pytest

from hitcast.errors import HitcastError
from hitcast.models.metrics import Scored
from hitcast.models.thresholds import best_f1_threshold


def scored(label: list[float], probability: list[float]) -> Scored:
    return Scored(np.array(label), np.array(probability))


def test_the_threshold_gives_the_best_f1_and_lies_between_two_probabilities() -> None:
    rows = scored([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.6, 0.8])
    # Predicting the four highest: precision 3/4, recall 1, F1 6/7; no other cut reaches that.
    assert best_f1_threshold(rows) == pytest.approx(0.25)
    assert rows.metrics(0.25)["f1"] == pytest.approx(6 / 7)


def test_metrics_of_a_perfect_and_of_a_useless_score() -> None:
    perfect = scored([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]).metrics(0.5)
    assert perfect["areaUnderROC"] == perfect["average_precision"] == perfect["f1"] == 1.0
    useless = scored([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]).metrics(0.9)
    assert useless["areaUnderROC"] == 0.5
    assert useless["average_precision"] == useless["areaUnderPR"] == 0.5
    assert (useless["precision"], useless["recall"], useless["f1"]) == (0.0, 0.0, 0.0)
    assert useless["brier"] == 0.25
    assert useless["log_loss"] == pytest.approx(np.log(2))


def test_a_row_on_the_threshold_is_predicted_positive() -> None:
    assert scored([0, 1], [0.2, 0.5]).metrics(0.5)["recall"] == 1.0


def test_rows_of_one_class_are_refused() -> None:
    with pytest.raises(HitcastError, match="both classes.*2 rows of 1;"):
        scored([1, 1], [0.2, 0.5]).metrics(0.5)
