"""More classes than two, and rows that stand for several: held against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sklearn

from hitcast.declaration.sections import Cost, Gates
from hitcast.errors import HitcastError
from hitcast.models.bootstrap import units_of
from hitcast.models.comparing import TestRows, compare
from hitcast.models.drawn import Drawn, weights_of
from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored
from hitcast.models.standing import prior_weights
from hitcast.models.thresholds import cheapest_threshold, choose_threshold

ROWS, CLASSES, DRAWS = 600, 5, 20


def five(seed: int = 0, sharpness: float = 1.0) -> Scored:
    """Rows of five classes of unequal size, told apart a little."""
    generator = np.random.default_rng(seed)
    label = generator.choice(CLASSES, ROWS, p=[0.4, 0.25, 0.15, 0.1, 0.1]).astype(float)
    margin = generator.normal(size=(ROWS, CLASSES))
    margin[np.arange(ROWS), label.astype(int)] += sharpness
    powers = np.exp(margin)
    return Scored(label, powers / powers.sum(axis=1, keepdims=True))


def two(seed: int = 1) -> Scored:
    generator = np.random.default_rng(seed)
    probability = np.round(generator.random(ROWS), 2)
    return Scored((generator.random(ROWS) < probability**3).astype(float), probability)


def test_metrics_of_five_classes_are_scikit_learns() -> None:
    rows = five()
    y, p, called = rows.label, rows.probability, rows.predicted(None)
    found = rows.metrics(None)
    one_hot = np.eye(CLASSES)[y.astype(int)]
    assert found["areaUnderROC"] == pytest.approx(
        sklearn.roc_auc_score(y, p, multi_class="ovr", average="macro")
    )
    assert found["average_precision"] == pytest.approx(
        sklearn.average_precision_score(one_hot, p, average="macro")
    )
    assert found["log_loss"] == pytest.approx(sklearn.log_loss(y, p))
    assert found["brier"] == pytest.approx(((p - one_hot) ** 2).sum(axis=1).mean())
    assert found["matthews"] == pytest.approx(sklearn.matthews_corrcoef(y, called))
    assert found["accuracy"] == pytest.approx(sklearn.accuracy_score(y, called))
    for mean in ("macro", "weighted"):
        told = sklearn.precision_recall_fscore_support(y, called, average=mean)[:3]
        names = [f"{mean}_{name}" for name in ("precision", "recall", "f1")]
        assert [found[name] for name in names] == pytest.approx(list(told))
    assert rows.confusion(None) == pytest.approx(sklearn.confusion_matrix(y, called))


@pytest.mark.parametrize("rows", [five(), two()], ids=["five", "two"])
def test_measures_of_all_rows_are_the_metrics(rows: Scored) -> None:
    found = rows.metrics(None if rows.classes > 2 else 0.4)
    whole = np.ones(ROWS)
    measured = Measured(rows, 0.4)
    for name, value in found.items():
        assert measured.of(name)(whole) == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("rows", [five(2), two(3)], ids=["five", "two"])
@pytest.mark.parametrize("metric", ["average_precision", "areaUnderROC", "calibration_slope"])
def test_all_draws_at_once_are_what_each_is_alone(rows: Scored, metric: str) -> None:
    own = np.random.default_rng(4).uniform(0.5, 9.0, ROWS) if rows.classes == 2 else None
    measured = Measured(Scored(rows.label, rows.probability, own), 0.4)
    units = units_of(np.arange(ROWS) // 3)
    weights = weights_of(ROWS // 3, DRAWS)
    found = Drawn(measured, units, weights).of(metric)
    alone = [measured.of(metric)(w.astype(float)[units]) for w in weights.T]
    # One step of Newton's method is not all of them, and single precision is what it is.
    tolerance = 4e-2 if metric == "calibration_slope" else 1e-5
    assert found == pytest.approx(np.array(alone), rel=tolerance)


def test_rows_that_stand_for_several_count_as_so_many() -> None:
    rows = two()
    weights = prior_weights(rows.label, 0.01)
    assert weights is not None
    assert weights @ rows.label / weights.sum() == pytest.approx(0.01)
    y, p = rows.label, rows.probability
    found = Scored(y, p, weights).metrics(0.4)
    assert found["average_precision"] == pytest.approx(
        sklearn.average_precision_score(y, p, sample_weight=weights)
    )
    assert found["f1"] == pytest.approx(sklearn.f1_score(y, p >= 0.4, sample_weight=weights))
    assert found["areaUnderROC"] == pytest.approx(rows.metrics(0.4)["areaUnderROC"])
    assert found["average_precision"] < rows.metrics(0.4)["average_precision"]


def test_the_threshold_of_least_cost_is_no_dearer_than_any_other() -> None:
    rows, cost = two(), Cost(false_positive=1, false_negative=10)

    def dear(threshold: float) -> float:
        (_, wrong), (missed, _) = rows.confusion(threshold)
        return float(wrong * cost.false_positive + missed * cost.false_negative)

    found = cheapest_threshold(rows, cost)
    assert found not in rows.probability
    assert dear(found) == min(dear(at) for at in np.linspace(0, 1.01, 500))
    never = Cost(false_positive=1e6, false_negative=1e-6)
    assert rows.predicted(cheapest_threshold(rows, never)).sum() <= 2, "those that are sure"
    assert choose_threshold(five(), cost) is None


def test_rows_that_lack_a_class_are_refused() -> None:
    rows = five()
    with pytest.raises(HitcastError, match="all 5 classes.*rows of 4"):
        rows.where(rows.label > 0).metrics(None)


def test_two_models_of_five_classes_are_compared_and_each_class_is_guarded() -> None:
    better, worse = five(5, sharpness=1.5), five(5, sharpness=0.8)
    unseen = np.arange(ROWS) % 2 == 0
    rows = TestRows({}, better.label, False, units_of(np.arange(ROWS) // 3), unseen)
    gates = Gates.model_validate({"guarded": {"calibration_slope": None}})
    found = compare(rows, Measured(better), Measured(worse), gates, "areaUnderROC")
    assert found.gain.low > 0
    assert found.fewest == int((better.label == 4).sum())
    names = [guarded.name for guarded in found.guarded]
    assert names[0] == "areaUnderROC of all test rows"
    assert "recall of 0, all test rows" in names


def test_one_rare_class_of_several_is_no_reason_to_guard_none() -> None:
    better, worse = five(6, sharpness=1.5), five(6, sharpness=0.8)
    few = np.flatnonzero(better.label != 4)
    some = np.sort(np.concatenate([few, np.flatnonzero(better.label == 4)[:9]]))
    ours, theirs = better.where(some), worse.where(some)
    everywhere = np.ones(len(some), dtype=bool)
    rows = TestRows({}, ours.label, False, units_of(some), everywhere, classes=tuple("abcde"))
    found = compare(rows, Measured(ours), Measured(theirs), Gates(), "areaUnderROC")
    names = [guarded.name for guarded in found.guarded]
    assert "calibration_slope of all test rows" in names
    assert "recall of a, all test rows" in names
    assert not any("recall of e" in name for name in names)
    assert not any("unseen" in name for name in names), (
        "where no row has a group, it would be twice"
    )
