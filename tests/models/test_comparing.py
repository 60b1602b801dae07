"""Two models on the same rows: all draws at once against one draw after the other."""

import numpy as np
import pytest

from hitcast.declaration.sections import Gates
from hitcast.models.comparing import KNOWN, UNSEEN, TestRows, compare
from hitcast.models.drawn import Drawn, recalls, weights_of
from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored
from tests.models.one_by_one import bootstrap, difference, draw_weights

DRAWS = 30


def scored(rows: int, seed: int, digits: int = 2) -> Scored:
    """Rows whose probabilities go up with the label; few digits make many of them equal."""
    generator = np.random.default_rng(seed)
    label = (np.random.default_rng(99).random(rows) < 0.2).astype(float)
    found = np.clip(generator.normal(0.3 + 0.2 * label, 0.15), 0.01, 0.99).round(digits)
    return Scored(label, found.astype(float))


def units(rows: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = np.random.default_rng(1).integers(0, rows // 4, rows)
    found[0] = rows // 4 - 1
    return found


@pytest.mark.parametrize("digits", [1, 2, 9])
@pytest.mark.parametrize("metric", ["average_precision", "areaUnderROC", "f1"])
def test_all_draws_at_once_are_those_of_one_after_the_other(metric: str, digits: int) -> None:
    measured, groups = Measured(scored(400, 2, digits), 0.4), units(400)
    found = Drawn(measured, groups, weights_of(100, DRAWS)).of(metric)
    expected = bootstrap({metric: measured.of(metric)}, groups, draws=DRAWS)[metric]
    assert found[0] == pytest.approx(expected.value, abs=1e-12)
    assert np.std(found[1:], ddof=1) == pytest.approx(expected.error, abs=1e-12)


def test_one_step_of_newtons_moves_the_slope_as_all_of_them_do() -> None:
    measured, groups = Measured(scored(4000, 3, 9)), units(4000)
    found = Drawn(measured, groups, weights_of(1000, DRAWS)).of("calibration_slope")
    expected = bootstrap({"": measured.calibration_slope}, groups, draws=DRAWS)[""]
    assert found[0] == pytest.approx(expected.value, rel=1e-6)
    assert np.std(found[1:], ddof=1) == pytest.approx(expected.error, rel=0.05)


def test_recall_is_that_of_each_values_rows() -> None:
    rows, groups = scored(400, 4), units(400)
    codes = np.random.default_rng(5).integers(-1, 2, 400)
    found = recalls(Drawn(Measured(rows, 0.4), groups, weights_of(100, DRAWS)), codes, 2)
    for value in (0, 1):
        mine = codes == value
        part = Measured(Scored(rows.label[mine], rows.probability[mine]), 0.4)
        assert found[value, 0] == pytest.approx(part.of("recall")(np.ones(int(mine.sum()))))
        drawn = [part.of("recall")(w[mine]) for w in draw_weights(groups, DRAWS)]
        assert found[value, 1:] == pytest.approx(drawn, abs=1e-12)


def test_without_a_positive_row_nothing_is_measured() -> None:
    rows = Scored(np.zeros(20), np.linspace(0.1, 0.9, 20))
    drawn = Drawn(Measured(rows), units(20), weights_of(5, DRAWS))
    for metric in ("average_precision", "areaUnderROC", "calibration_slope"):
        assert np.isnan(drawn.of(metric)).all()


def rows_of(label: Scored, *, unseen: float = 0.0, by: bool = False) -> TestRows:
    groups = units(len(label.label))
    hidden = (np.random.default_rng(6).random(groups.max() + 1) < unseen)[groups]
    genre = np.where(np.arange(len(groups)) % 5 == 0, "rock", "pop").astype(object)
    return TestRows({}, label.label, False, groups, hidden, genre if by else None)


def test_the_gain_is_the_paired_difference_with_its_interval() -> None:
    theirs, ours = scored(800, 7, 9), scored(800, 8, 9)
    rows = rows_of(theirs)
    pair = Measured(ours, 0.4), Measured(theirs, 0.4)
    found = compare(rows, *pair, Gates(), "average_precision", tries=4)
    expected = bootstrap(
        {"": difference(pair[0].average_precision, pair[1].average_precision)}, rows.units
    )[""]
    assert (found.gain.value, found.gain.error) == pytest.approx((expected.value, expected.error))
    assert found.gain.level == pytest.approx(1 - 0.02 / 4), "several tries widen it"
    assert found.theirs == pytest.approx(pair[1].average_precision(np.ones(800)))


def test_what_is_guarded_is_so_in_both_views_where_there_are_rows_enough() -> None:
    theirs = scored(1600, 7, 9)
    pair = Measured(theirs, 0.4), Measured(theirs, 0.4)

    def names(rows: TestRows) -> set[str]:
        return {g.name for g in compare(rows, *pair, Gates(), "average_precision").guarded}

    both = {f"{metric} of {KNOWN}" for metric in ("calibration_slope", "areaUnderROC")}
    assert names(rows_of(theirs)) == both
    every = names(rows_of(theirs, unseen=0.4, by=True))
    assert every > both | {f"areaUnderROC of {UNSEEN}", f"recall of pop, {UNSEEN}"}
    assert {f"recall of pop, {KNOWN}", f"recall of rock, {KNOWN}"} <= every
    assert f"recall of rock, {UNSEEN}" not in every, "it has too few positive rows there"
    few = Scored(theirs.label[:100], theirs.probability[:100])
    assert len(compare(rows_of(few), Measured(few), Measured(few), Gates(), "f1").guarded) == 0
