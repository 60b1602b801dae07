"""Which rows there have to be, and what they stand for."""

import numpy as np
import pytest

from hitcast.errors import HitcastError
from hitcast.models.standing import standing_for
from hitcast.training.counting import counts_of, require_enough, require_in_each_fold


def test_two_classes_are_counted_by_the_positive_one_and_more_by_name() -> None:
    assert counts_of({"test": [7, 3]}, ("a", "b")) == {"test": 10, "test_positive": 3}
    assert counts_of({"test": [7, 3, 2]}, ("a", "b", "c")) == {
        "test": 12, "test_a": 7, "test_b": 3, "test_c": 2,
    }  # fmt: skip


def test_a_part_that_lacks_a_class_is_refused_with_what_it_has() -> None:
    with pytest.raises(HitcastError, match="both classes among the test rows.*7 negative, 0 posi"):
        require_enough({"test": [7, 0]}, {"test": 1}, ())
    with pytest.raises(HitcastError, match="all classes among the tuning rows, 3 or more.*2 elm"):
        require_enough({"tuning": [7, 2, 9]}, {"tuning": 3}, ("ash", "elm", "oak"))


def test_a_fold_without_a_row_of_a_class_is_named_before_anything_is_fitted() -> None:
    label, fold = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0, 1, 0, 0])
    with pytest.raises(HitcastError, match="fold 1 has none of positive"):
        require_in_each_fold(label, fold, 2, ())
    require_in_each_fold(label, np.array([0, 1, 0, 1]), 2, ())


def test_rows_stand_for_classes_of_other_shares() -> None:
    label = np.array([0.0, 0.0, 0.0, 1.0])
    weights = standing_for(label, (0.9, 0.1))
    assert weights.sum() == pytest.approx(4)
    assert weights @ label / weights.sum() == pytest.approx(0.1)
