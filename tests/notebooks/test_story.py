"""Notebook 05 as a whole: it trains on a few made-up transactions, and an API answers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from pyspark.sql import SparkSession

from hitcast.models.registry import Registry
from hitcast.models.tracking import read_runs
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from tests.conftest import ROOT
from tests.exploring.herbarium import declared, frame_of
from tests.jobs.commands import BIN, activated
from tests.notebooks.runner import Ran, note_of, run_notebook, saved
from tests.servers import free_port, running

pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.nightly]
ROWS, POSITIVE = 900, 300
SMALL = {"train": "yes", "candidates": "logistic_regression", "trials": "1", "folds": "2"}


@pytest.fixture(scope="module")
def home(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("story"))
    gold = Lakehouse(spark, home.lakehouse, "fraud").gold
    gold.create_from(frame_of(spark, declared("fraud"), ROWS), {GENERATED: "true"})
    return home


@pytest.fixture(scope="module")
def ran(spark: SparkSession, home: Home) -> Ran:
    """The story with a training of its own; nobody is asked."""
    return run_notebook("05_fraud_story", spark, home=str(home.folder), **SMALL)


def test_the_story_goes_from_the_classes_to_what_was_measured(ran: Ran, tmp_path: Path) -> None:
    assert f"Of {ROWS} generated transactions 33.3 % are fraudulent" in ran.words
    assert ran["amount_summary"]["column"].tolist() == ["Amount"]
    # One an hour: each hour of the day comes as often, give or take one.
    assert ran["by_hour"]["value"].tolist() == list(range(24))
    assert ran["by_hour"]["rows"].sum() == ROWS and ran["by_hour"]["positive"].sum() == POSITIVE
    assert "No value is missing in gold" in ran.words
    assert "The classes differ most in" in ran.words
    assert "Two components hold" in ran.words
    assert "The model sees 30 quantities of a transaction." in ran.words
    assert "Computed from what callers give: hour (of Time)." in ran.words
    metrics = ran["measured"].set_index("metric")["value"]
    wanted = {"accuracy", "precision", "recall", "f1", "areaUnderPR", "average_precision"}
    assert wanted <= set(metrics.index) and metrics.index[0] == "average_precision"
    assert metrics["average_precision"] > 0.9, "positive rows have more of everything"
    # Classes, amounts, hours, quantities, two of correlations, components, families, parameters
    # and importances.
    assert len(ran.figures) == 10
    assert all("generated rows" in note_of(figure) for figure in ran.figures)
    assert all(saved(figure, tmp_path).stat().st_size > 8_000 for figure in ran.figures)


def test_pipeline_and_scorer_say_the_same_of_the_rows_that_they_are_timed_with(ran: Ran) -> None:
    timed = ran["timed"]
    assert timed.furthest <= 1e-9
    assert timed.table[["what", "rows"]].to_numpy().tolist() == [
        ["Spark pipeline", 1], ["portable scorer", 1],
        ["Spark pipeline", ROWS], ["portable scorer", ROWS],
    ]  # fmt: skip
    assert (timed.table["seconds"] > 0).all()


def test_the_runs_are_on_one_page_in_the_experiment_and_count_as_no_training(
    ran: Ran, home: Home, tmp_path: Path
) -> None:
    runs = read_runs(home, "fraud").set_index("run_id")
    assert runs.loc[ran["dashboard_run"], "tags.hitcast.level"] == "dashboard"
    assert len(ran["trainings"]) == 1
    client = MlflowClient()
    page = Path(client.download_artifacts(ran["dashboard_run"], "dashboard.html", str(tmp_path)))
    text = page.read_text()
    assert "All trainings" in text and "portable scorer" in text
    assert text.count("data:image/png;base64,") == 4
    assert "These transactions are generated." in text


def test_an_api_answers_about_the_rare_class(spark: SparkSession, ran: Ran, home: Home,
                                             tmp_path: Path) -> None:  # fmt: skip
    assert ran["registry"].aliases() == {"production": 1}
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [str(BIN / "uvicorn"), "serving.main:app", "--port", str(port)]
    given = activated(HITCAST_HOME=str(home.folder), HITCAST_USE_CASE="fraud", JAVA_HOME="/nowhere")
    with running(command, f"{url}/readyz", log=tmp_path / "log", environment=given, folder=ROOT):
        asked = run_notebook("05_fraud_story", spark, home=str(home.folder), url=url)
    scorer = Scorer.load(Registry(home, "fraud").download_scorer(1, tmp_path / "scorer"))
    row = {name: [value] for name, value in asked["row"].items()}
    assert asked["detail"]["probability"] == pytest.approx(scorer.probabilities(row)[0], abs=1e-12)
    assert "The answer is fraudulent" in asked.words
    answered: pd.DataFrame = asked.tables[-1]
    assert answered["is fraud"].tolist() == [1] * 4 + [0] * 4
    assert np.isfinite(answered["probability"]).all()
