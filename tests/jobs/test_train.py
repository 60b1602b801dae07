"""The training job as a process: under spark-submit, stopped by Ctrl-C, served by MLflow."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request

import mlflow
import pytest

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from tests.conftest import ROOT
from tests.jobs.commands import BIN, activated, last_line, run
from tests.servers import OPENER, mlflow_serving

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which the jobs have ingested and trained, by spark-submit without any option."""
    folder = tmp_path_factory.mktemp("home")
    run("spark-submit", "jobs/ingest.py", "--home", folder, "--twin", "4000")
    words = ["--candidates", "logistic_regression", "xgboost", "--trials", "1", "--folds", "2"]
    told = last_line(run("spark-submit", "jobs/train.py", *words, HITCAST_HOME=str(folder)))
    assert (told["version"], told["aliases"]) == (1, ["production"])
    assert told["generated"] is True
    assert set(told["families"]) == {"logistic_regression", "xgboost"}
    metrics = {"areaUnderROC", "areaUnderPR", "accuracy", "precision", "recall", "f1"}
    assert set(told["test"]) == metrics | {"log_loss", "brier"}
    return Home(folder)


def test_an_alias_is_set_by_hand_and_what_does_not_exist_is_refused(home: Home) -> None:
    words = ["jobs/promote.py", "--home", str(home.folder)]
    told = last_line(run("python", *words, "--version", "1", "--alias", "test-1003"))
    assert (told["version"], told["alias"]) == (1, "test-1003")
    unknown = run("python", *words, "--version", "9", "--alias", "test-1003", status=1)
    assert "among [1], got 9" in unknown.stderr.splitlines()[-1]
    reserved = run("python", *words, "--version", "1", "--alias", "latest", status=1)
    assert "got 'latest'" in reserved.stderr.splitlines()[-1]
    nothing = run("python", *words, status=1)
    assert "with the alias staging" in nothing.stderr.splitlines()[-1]


def test_ctrl_c_leaves_the_registry_as_it_was_and_marks_the_runs_killed(home: Home) -> None:
    registry = Registry(home, "spotify")
    before = (registry.aliases(), [v.number for v in registry.versions()])
    command = ["spark-submit", "jobs/train.py", "--home", str(home.folder)]
    process = subprocess.Popen(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=activated(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    told = ""
    assert process.stderr is not None
    while "trial 2" not in told:
        piece = process.stderr.read(1)
        assert piece, told
        told += piece
    # As a terminal does: the whole group gets the signal, the JVM included.
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode != 0
    assert (registry.aliases(), [v.number for v in registry.versions()]) == before

    def states() -> dict[str, str]:
        found: list[Any] = mlflow.search_runs(
            experiment_names=["spotify"], output_format="list", max_results=4
        )
        return {run.data.tags["hitcast.level"]: run.info.status for run in found}

    deadline = time.monotonic() + 30
    while states().get("training") != "KILLED" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert states()["training"] == "KILLED"
    assert states()["family"] == "KILLED"


@pytest.fixture(params=["local", "uv"])
def server(request: pytest.FixtureRequest, home: Home, tmp_path: Path) -> Iterator[str]:
    """`mlflow models serve` on the version in production."""
    environment = activated(MLFLOW_TRACKING_URI=home.tracking_uri, MLFLOW_ENV_ROOT=str(tmp_path))
    with mlflow_serving(
        "models:/spotify@production",
        log=tmp_path / "server.log",
        environment=environment,
        manager=request.param,
    ) as url:
        yield url


def test_mlflow_serves_production_by_alias(server: str) -> None:
    body = (ROOT / "docs/track.json").read_bytes()
    request = Request(f"{server}/invocations", body, {"Content-Type": "application/json"})
    answers = json.load(OPENER.open(request, timeout=30))["predictions"]
    assert len(answers) == 2
    for answer in answers:
        assert set(answer) == {"popular", "probability"}
        assert answer["popular"] in (0, 1)
        assert 0 < answer["probability"] < 1
