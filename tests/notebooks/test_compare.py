"""Notebook 02 as a whole: it trains when asked to, and tells runs as MLflow has them."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.errors import RegistryError
from hitcast.models.registry import Registry
from hitcast.models.tracking import Tracker, read_runs
from hitcast.running.home import Home
from tests.homes import FAMILIES, Compared
from tests.notebooks.runner import Ran, note_of, run_notebook, saved

pytestmark = pytest.mark.spark
NAME = "02_train_and_compare"


@pytest.fixture(scope="module")
def ran(compared: Compared) -> Ran:
    """It has trained a second time and then compared both trainings."""
    return compared.ran


@pytest.mark.slow
def test_trainings_and_trials_are_told_as_they_were_run(ran: Ran, compared: Compared) -> None:
    trainings, told = ran["trainings"], compared.trained
    assert trainings["version"].tolist() == [2, 1]
    assert trainings["aliases"].tolist() == ["staging", "production"]
    assert trainings["rows"].tolist() == ["generated", "generated"]
    first = trainings.iloc[1]
    assert first["cv"] == told["cv"]["average_precision"]
    assert first["cv_sd"] == told["cv"]["average_precision_sd"]
    assert first["threshold"] == told["threshold"]
    assert {n: first[f"test_{n}"] for n in told["test"]} == told["test"]
    trials = ran["trials"]
    of_second = [f"logistic_regression-{n}" for n in (1, 2)]
    assert trials["trial"].tolist() == [*of_second, *(f"{family}-1" for family in FAMILIES)]
    # One family's calibration does not move its order within a fold; a blend has one of its own.
    alone = trainings[trainings["family"] != "ensemble"]
    assert alone.index[0] == 0
    for _, training in alone.iterrows():
        best = trials[trials["training"] == training["run_id"]]["cv"].max()
        assert training["cv"] == pytest.approx(best)
    assert list(trials["parameters"].iloc[0]) == ["regParam", "elasticNetParam"]
    assert "2 finished trainings of spotify with 4 trials." in ran.words


@pytest.mark.slow
def test_champion_and_challenger_are_told_apart(ran: Ran) -> None:
    pair = ran["pair"]
    assert pair[["role", "version"]].to_numpy().tolist() == [["champion", 1], ["challenger", 2]]
    assert "Both saw the same test rows" in ran.words
    assert "not better by more than 0" in ran.words


@pytest.mark.slow
def test_importances_are_the_champions(ran: Ran, compared: Compared) -> None:
    runs = read_runs(compared.home, "spotify").set_index("run_id")
    champion = Registry(compared.home, "spotify").by_alias("production")
    assert champion is not None
    held = runs.loc[champion.run_id]
    assert len(ran["lost"]) == 15
    assert all(held[f"metrics.importance_{name}"] == loss for name, loss in ran["lost"].items())


@pytest.mark.slow
def test_there_are_four_pictures_and_each_says_generated(ran: Ran, tmp_path: Path) -> None:
    assert len(ran.figures) == 4
    assert all("trained on generated rows, gold version 1" in note_of(f) for f in ran.figures)
    assert all(saved(figure, tmp_path).stat().st_size > 8_000 for figure in ran.figures)


def test_without_a_tracking_database_none_is_made(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="expected a tracking database.*train first"):
        run_notebook(NAME, spark, home=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_without_a_training_it_says_what_to_run(spark: SparkSession, tmp_path: Path) -> None:
    Tracker(Home(tmp_path), "another")
    with pytest.raises(RegistryError, match="expected trainings of spotify.*widget train to yes"):
        run_notebook(NAME, spark, home=str(tmp_path))
