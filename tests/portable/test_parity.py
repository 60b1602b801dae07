import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitcast.errors import ParityError
from hitcast.portable.parity import ParityResult, check_parity, nearest_gap, tolerance_for

SPARK = np.array([0.1, 0.5, 0.9])


def test_equal_probabilities_pass() -> None:
    assert check_parity(SPARK, SPARK.copy(), 0.5, 1e-9) == ParityResult(0.0, 0, 3)


def test_a_difference_within_the_tolerance_passes_and_is_reported() -> None:
    result = check_parity(SPARK, SPARK + [0, 1e-10, -2e-10], 0.3, 1e-9)
    assert result.max_abs_diff == pytest.approx(2e-10, rel=1e-5)


def test_a_difference_beyond_the_tolerance_names_the_row() -> None:
    with pytest.raises(ParityError, match="in row 1"):
        check_parity(SPARK, SPARK + [0, 1e-8, 0], 0.3, 1e-9)


def test_a_label_that_changes_sides_fails_however_small_the_difference() -> None:
    with pytest.raises(ParityError, match="1 of 3 rows change sides"):
        check_parity(SPARK, SPARK - [0, 1e-12, 0], 0.5, 1e-9)


def test_what_is_not_a_number_fails() -> None:
    with pytest.raises(ParityError, match="in row 2"):
        check_parity(SPARK, np.array([0.1, 0.5, np.nan]), 0.3, 1e-9)


@pytest.mark.parametrize("other", [np.array([0.1]), np.zeros((3, 1))])
def test_other_shapes_fail(other: np.ndarray) -> None:
    with pytest.raises(ParityError, match="equally long"):
        check_parity(SPARK, other, 0.3, 1e-9)


def test_no_rows_prove_nothing() -> None:
    with pytest.raises(ParityError, match="at least one row"):
        check_parity(np.array([]), np.array([]), 0.3, 1e-9)


def test_only_xgboost_and_what_has_it_is_given_single_precision() -> None:
    assert tolerance_for("xgboost") == tolerance_for("logistic_regression", "xgboost") == 1e-6
    assert tolerance_for("logistic_regression") == tolerance_for("anything") == 1e-9


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(0.3, 0.3), (0.5, 0.5 - 2e-6), (0.5 + 2.9e-6, 0.5 + 5e-6), (0.9 - 1e-9, 0.9 - 2e-6)],
)
def test_a_threshold_moves_to_where_no_row_is_near(threshold: float, expected: float) -> None:
    # Between the two rows at about .5 there is no room for float errors on both sides.
    rows = np.array([0.1, 0.5, 0.5 + 3e-6, 0.9])
    found = nearest_gap(threshold, rows, 1e-6)
    assert found == pytest.approx(expected, abs=1e-12)
    assert np.abs(rows - found).min() > 1e-6


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
    st.floats(0, 1),
    st.sampled_from([1e-9, 1e-6, 1e-3]),
)
def test_no_two_computations_within_the_tolerance_differ_on_a_label_then(
    probabilities: list[float], threshold: float, tolerance: float
) -> None:
    rows = np.array(probabilities)
    found = nearest_gap(threshold, rows, tolerance)
    for other in (rows - tolerance, rows + tolerance):
        assert ((rows >= found) == (other >= found)).all()
    near = np.abs(rows - threshold) <= 2 * tolerance
    if not near.any():
        assert found == threshold
