"""Views of a model: plain arrays in, figures with intervals out."""

import numpy as np
import pytest

from hitcast.models.metrics import Scored
from hitcast.training.views import (
    METRICS,
    Seen,
    by_acquaintance,
    by_value,
    look,
    look_at_gain,
    view_metrics,
)

ROWS = 4000


@pytest.fixture(scope="module")
def seen() -> Seen:
    """Rows of 1,000 groups whose probabilities are true."""
    generator = np.random.default_rng(0)
    margin = generator.normal(-1.5, 1.5, ROWS)
    label = (generator.random(ROWS) < 1 / (1 + np.exp(-margin))).astype(float)
    return Seen(Scored(label, 1 / (1 + np.exp(-margin))), np.arange(ROWS) % 1000)


def test_a_view_has_every_figure_with_its_interval(seen: Seen) -> None:
    view = look("test", "all test rows", seen)
    assert (view.rows, view.positive) == (ROWS, int(seen.scored.label.sum()))
    assert tuple(view.figures) == METRICS
    expected = seen.scored.metrics(0.5)
    for metric in METRICS[:2]:
        assert view.figures[metric].value == pytest.approx(expected[metric])
    # Probabilities that are true have a slope of 1.
    slope = view.figures["calibration_slope"]
    assert slope.low < 1 < slope.high
    assert slope.high - slope.low < 0.3


def test_rows_of_one_class_are_counted_and_have_no_figures(seen: Seen) -> None:
    view = look("unseen", "", seen.where(seen.scored.label == 0))
    assert (view.positive, view.figures) == (0, {})
    assert view.rows > 0
    assert look("unseen", "", seen.where(np.zeros(ROWS, bool))).rows == 0


def test_unseen_are_the_groups_without_a_training_row(seen: Seen) -> None:
    known, unseen = by_acquaintance(seen, np.array([0, 1, 2, 5000]), "artist")
    assert (known.name, unseen.name) == ("known", "unseen")
    assert (known.rows, unseen.rows) == (12, ROWS - 12)


def test_values_with_enough_positive_rows_are_looked_at_most_of_them_first(seen: Seen) -> None:
    values = np.array(["rock", "jazz", "folk", None], dtype=object)[np.arange(ROWS) % 4]
    values[:3000] = "rock"
    few = int(seen.scored.label[(values == "jazz")].sum())
    views = list(by_value(seen, values.tolist(), least_positive=few))
    names = [view.name for view in views]
    assert names[0] == "rock"
    assert "jazz" in names
    assert "" not in names
    assert all((view.positive or 0) >= few for view in views)
    positive = [view.positive or 0 for view in views]
    assert positive == sorted(positive, reverse=True)
    assert "jazz" not in [v.name for v in by_value(seen, values.tolist(), least_positive=few + 1)]


def test_a_gain_is_paired_and_above_zero_where_more_is_known(seen: Seen) -> None:
    blurred = np.clip(seen.scored.probability + np.random.default_rng(1).normal(0, 0.3, ROWS), 0, 1)
    gain = look_at_gain("gain", "", seen, blurred).figures
    assert gain["average_precision"].low > 0
    none = look_at_gain("gain", "", seen, seen.scored.probability).figures
    assert (none["areaUnderROC"].value, none["areaUnderROC"].error) == (0, 0)


def test_logs_have_the_figures_that_there_are(seen: Seen) -> None:
    empty = look("unseen", "", seen.where(seen.scored.label == 0))
    logged = view_metrics([look("test", "", seen), empty])
    assert logged["view_test_rows"] == ROWS
    low, value, high = (
        logged[f"view_test_average_precision{end}"] for end in ("_low", "", "_high")
    )
    assert low < value < high
    assert [name for name in logged if "unseen" in name] == [
        "view_unseen_rows",
        "view_unseen_positive",
    ]
