from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.row_models import example
from tests.copies import new_home
from tests.frontend.conftest import Api, StartApi, studio_on
from tests.frontend.models_page import opened, table
from tests.frontend.pages import charts, words
from tests.serving.conftest import wait_for
from tests.small_models import make_track_scorer, register_folder


@pytest.fixture
def models(studio: AppTest) -> AppTest:
    """The Models page, opened."""
    return opened(studio)


def test_what_is_served_is_told(models: AppTest) -> None:
    assert not models.exception
    assert {metric.label: metric.value for metric in models.metric} == {
        "Answers now": "Version 1", "Threshold": "50 %", "Trained on": "Real"
    }  # fmt: skip
    assert models.metric[0].proto.delta_description == "chosen by the alias production"
    assert "Family: logistic regression. The alias production was selected" in words(models)


def test_versions_stand_newest_first_with_their_aliases(models: AppTest) -> None:
    found = table(models)
    assert list(found.index) == [3, 2, 1]
    assert list(found["Aliases"]) == ["", "staging", "production"]
    assert list(found["Trained on"]) == ["Generated tracks", "Real tracks", "Real tracks"]
    assert list(found["Average precision"]) == [0.25] * 3


def test_metrics_and_reasons_are_shown_where_the_training_told_them(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(Home(own_home), "spotify")
    registry.tag(2, "hitcast.family", "random_forest")
    registry.tag(2, "hitcast.promotion", "better by 0.016")
    from mlflow import MlflowClient

    run = registry.version(2).run_id
    for name in (
        "test_areaUnderROC",
        "test_f1",
        "test_log_loss",
        "test_brier",
        "cv_average_precision",
    ):
        MlflowClient().log_metric(run, name, 0.125)
    with start_api(own_home) as api:
        page = studio_on(api.url, monkeypatch)
        client = Client(api.url)
        wait_for(lambda: "test_f1" in client.models()["versions"][1]["metrics"], "the metrics")
        line = table(opened(page)).loc[2]
    names = ["Area under ROC", "F1", "Log loss", "Brier score", "Average precision (CV)"]
    assert list(line[names]) == [0.125] * 5
    assert (line["Family"], line["Promotion"]) == ("random forest", "better by 0.016")


def test_what_no_version_has_is_no_column(models: AppTest) -> None:
    assert not {"Problem", "Promotion", "F1"} & set(table(models).columns)


def test_dates_are_those_of_the_place(models: AppTest, client: Client) -> None:
    newest = client.models()["versions"][0]
    moment = datetime.fromtimestamp(newest["created"] / 1000)
    assert table(models)["Created"][3] == f"{moment:%Y-%m-%d %H:%M}"


def test_each_version_links_to_its_run_in_mlflow(
    models: AppTest, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = {found["version"]: found["run_id"] for found in client.models()["versions"]}
    assert all(runs.values())
    assert table(models)["MLflow"][2] == f"http://127.0.0.1:5000/#/runs/{runs[2]}"
    assert "run `mlflow ui` in the home folder" in words(models)
    monkeypatch.setenv("HITCAST_MLFLOW_URL", "https://mlflow.example/")
    models.run()
    assert table(models)["MLflow"][1] == f"https://mlflow.example/#/runs/{runs[1]}"


def test_the_chart_compares_tests_with_chance(models: AppTest) -> None:
    assert charts(models) == [
        "Average precision: version 3 0.250, staging (version 2) 0.250, production (version 1) "
        "0.250; chance 0.200"
    ]
    assert "their figures don't compare with those of the others" in words(models)


def test_one_version_makes_no_chart(
    tmp_path: Path, spotify: UseCase, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = new_home(tmp_path / "home")
    place = make_track_scorer(tmp_path / "scorer", spotify, 0.0)
    register_folder(home, "spotify", place, example(spotify, optional=False))
    Registry(home, "spotify").set_alias("production", 1)
    with start_api(home.folder) as api:
        page = opened(studio_on(api.url, monkeypatch))
        assert not page.exception
        assert list(table(page).index) == [1]
        assert not charts(page)
        # Trained without profiles: Compare gets by without typical values, too.
        page.switch_page("views/compare.py").run()
        assert not page.exception
        assert "There is one version so far" in words(page)


def test_a_registry_that_does_not_answer_is_told_of(
    own_home: Path, own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(own_api.url)
    Registry(Home(own_home), "spotify").set_alias("new", 3)
    wait_for(lambda: "new" in client.models()["aliases"], "news, so that the poller is at work")
    (own_home / "mlflow.db").rename(own_home / "away.db")
    wait_for(lambda: client.models()["registry"] != "up", "the registry's end")
    page = opened(studio_on(own_api.url, monkeypatch))
    assert "The registry does not answer" in page.warning[-1].value
    assert list(table(page).index) == [3, 2, 1]
