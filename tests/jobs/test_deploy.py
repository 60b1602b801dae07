"""The job that moves a serving endpoint: Databricks' real client against a local stand-in."""

from pathlib import Path

import pytest

from jobs import deploy
from tests.deployments import ENDPOINT, MODEL, Deployed
from tests.jobs.commands import last_line_here, status_here


def test_the_first_deployment_makes_the_endpoint_and_compares_it(deployed: Deployed) -> None:
    told = last_line_here(deploy, *deployed.words())
    assert told == {
        "endpoint": ENDPOINT, "model": MODEL, "version": 1, "alias": "production",
        "action": "created", "before": [], "difference": 0.0,
    }  # fmt: skip
    assert deployed.events == ["update to 1:100", "serves 1:100", "ask 1 endpoint"]
    assert deployed.endpoint()["tags"] == {"hitcast_version": "1", "hitcast_commit": "c0ffee1"}
    assert deployed.tag_of(1) == f"{ENDPOINT} serves it: it answers as its scorer"


def test_a_promoted_version_gets_the_traffic_once_it_was_compared(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    deployed.promote(2)
    told = last_line_here(deploy, *deployed.words())
    assert (told["action"], told["version"], told["before"]) == ("moved", 2, [1])
    assert deployed.events == [
        "update to 1:100 2:0", "serves 1:100 2:0", "ask 2 alone",
        "update to 2:100", "serves 2:100", "ask 2 endpoint",
    ]  # fmt: skip
    tags = {"hitcast_version": "2", "hitcast_commit": "c0ffee2", "hitcast_before": "1"}
    assert deployed.endpoint()["tags"] == tags


def test_a_second_run_has_nothing_to_do(deployed: Deployed) -> None:
    deployed.promote(2)
    last_line_here(deploy, *deployed.words())
    before = dict(deployed.endpoint())
    deployed.events.clear()
    assert last_line_here(deploy, *deployed.words())["action"] == "unchanged"
    assert deployed.events == ["ask 2 alone"]
    assert deployed.endpoint() == before


def test_a_wrong_answer_ends_with_status_1_and_one_line(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.serve({1: 100})
    deployed.promote(2)
    deployed.serving.spoiled["2"] = lambda told: {"predictions": told["predictions"][:-1]}
    assert status_here(deploy, *deployed.words()) == 1
    told = capsys.readouterr()
    assert told.out == ""
    expected = "error: expected 5 answers, got 4; version 1 (100 %) serves as before"
    assert told.err.splitlines()[-1] == expected


def test_without_an_alias_the_job_says_what_comes_first(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_here(deploy, *deployed.words("--alias", "staging")) == 1
    assert "with the alias staging, got the aliases {'production': 1}" in capsys.readouterr().err
    assert deployed.events == []


def test_on_a_laptop_the_job_says_what_it_is_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI", "DATABRICKS_RUNTIME_VERSION"):
        monkeypatch.delenv(name, raising=False)
    assert status_here(deploy, "--endpoint", ENDPOINT, "--home", str(tmp_path)) == 1
    told = capsys.readouterr().err
    assert "this job moves a serving endpoint there; here, serve a version with make serve" in told
    assert "mlflow models serve -m models:/spotify@production --env-manager local" in told


@pytest.mark.usefixtures("deployed")
def test_without_a_sign_in_the_job_says_how_to_sign_in(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    words = ["--catalog", "main", "--schema", "music", "--home", str(tmp_path)]
    (tmp_path / "mlflow.db").touch()
    assert status_here(deploy, *words, "--endpoint", ENDPOINT) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith("error: expected a Databricks workspace to call, got: default auth:")
    assert told.endswith("databricks auth login")
