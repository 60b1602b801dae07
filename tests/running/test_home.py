from pathlib import Path

import pytest

from hitcast.running.home import Home


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "DATABRICKS_RUNTIME_VERSION"):
        monkeypatch.delenv(name, raising=False)


def test_runs_and_models_are_in_the_folder_by_default(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.tracking_uri == home.registry_uri == f"sqlite:///{tmp_path}/mlflow.db"
    assert home.model("spotify") == "spotify"


def test_on_databricks_runs_are_there_and_models_in_unity_catalog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    home = Home(tmp_path, "main.music")
    assert (home.tracking_uri, home.registry_uri) == ("databricks", "databricks-uc")
    assert home.model("spotify") == "main.music.spotify"


def test_what_the_environment_says_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert Home(tmp_path).registry_uri == "http://127.0.0.1:5000"
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://127.0.0.1:5001")
    assert Home(tmp_path).registry_uri == "http://127.0.0.1:5001"
