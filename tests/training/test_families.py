"""A family that fails is told and left out; rare classes are among the tuning rows."""

from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from pyspark.ml.feature import StringIndexerModel
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Family
from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError, UseCaseError
from hitcast.portable.blend import sigmoid
from hitcast.training.candidates import build_estimator
from hitcast.training.counting import tuning_shares
from hitcast.training.families import Families
from hitcast.training.rows import Rows
from hitcast.training.search import CvResult, measure_folds
from hitcast.training.searches import FamilyResult, cross_fit
from hitcast.training.side_by_side import side_by_side
from hitcast.training.trials import Parameters

NOTHING: Any = None


@pytest.fixture
def work() -> Families:
    return Families(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


def test_a_family_that_fails_is_left_out_with_the_reason(
    work: Families, capsys: pytest.CaptureFixture[str]
) -> None:
    with work.told_if_it_fails("xgboost"):
        raise MemoryError("Java heap space\nat org.apache.spark")
    assert work.left_out == {"xgboost": "Java heap space"}
    assert "xgboost is left out, its fit failed: Java heap space" in capsys.readouterr().err
    work.require(["another"])
    with pytest.raises(HitcastError, match="all failed: xgboost: Java heap space"):
        work.require([])


class Failing(Families):
    """Families whose best one fails at full size."""

    def cross_fit(self, family: Family, parameters: Parameters) -> CvResult:
        """As on 600 rows, whatever the parameters."""
        if family == "xgboost":
            raise MemoryError("Java heap space")
        return replace(tuned(family, 0.2), parameters=parameters)


def tuned(family: Family, noise: float) -> CvResult:
    """A family's setting on 600 rows, the worse the more noise."""
    generator = np.random.default_rng(0)
    margin = generator.normal(-1, 2, 600)
    label = (generator.random(600) < sigmoid(margin)).astype(float)
    ids = np.arange(600)
    rows = Rows(ids, label, ids % 2, ids, np.ones(600, bool))
    probability = sigmoid(margin + generator.normal(0, noise, 600))
    return CvResult(family, {}, rows, probability, 0.5, measure_folds(rows, probability, 0.5))


def test_where_the_best_family_fails_at_full_size_those_that_trailed_it_take_part() -> None:
    quiet = MagicMock()
    data, use_case = MagicMock(), MagicMock()
    data.counts, use_case.training.metric = {"tuning": 600, "train": 6000}, "average_precision"
    work = Failing(data, use_case, MagicMock(), quiet, quiet)
    noises: dict[Family, float] = {"xgboost": 0.0, "random_forest": 4.0, "logistic_regression": 4.0}
    found = [FamilyResult(tuned(f, n), (), f, 0.0, at_full_size=False) for f, n in noises.items()]
    ended = cross_fit(work, found)
    assert work.left_out == {"xgboost": "Java heap space"}
    assert {r.name for r in ended if r.at_full_size} == {"random_forest", "logistic_regression"}


def test_what_conf_says_wrong_is_no_family_to_leave_out(work: Families) -> None:
    with pytest.raises(UseCaseError), work.told_if_it_fails("xgboost"):
        raise UseCaseError("expected parameters")


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_bins_are_enough_for_the_categories(spotify: UseCase) -> None:
    candidate = spotify.candidates["random_forest"]
    for categories, bins in ((5, 96), (150, 150)):
        values = StringIndexerModel.from_labels(list(map(str, range(categories - 1))), "a", "b")
        built: Any = build_estimator(
            "random_forest", candidate, {}, spotify.features, [values], seed=0, partitions=1
        )
        assert built.getMaxBins() == bins


def test_rare_rows_are_among_those_for_tuning() -> None:
    common = tuning_shares([95_000, 5_000], 10_000)
    assert common == {1.0: 0.1, 0.0: 0.1}
    rare = tuning_shares([99_000, 1_000], 10_000)
    assert rare == {1.0: 0.5, 0.0: 0.1}
    assert tuning_shares([97, 3], 10_000) == {1.0: 1.0, 0.0: 1.0}


@pytest.mark.spark
def test_calls_side_by_side_come_back_in_order_and_fail_as_they_fail(spark: SparkSession) -> None:
    def count(number: int) -> int:
        return spark.range(number).where(F.col("id") % 2 == 0).count()

    done: list[None] = []
    assert side_by_side(count, [8, 2, 6, 4], spark, lambda: done.append(None)) == [4, 1, 3, 2]
    assert len(done) == 4
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda number: 1 // number, [1, 0], spark, lambda: None)
