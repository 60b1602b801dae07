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
from jobs import promote as promote_job
from tests.conftest import ROOT
from tests.copies import copy_home
from tests.homes import Prepared
from tests.jobs.commands import BIN, activated, last_line, run, status_here
from tests.servers import OPENER, mlflow_serving

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the home that is shared: these tests set aliases and break trainings off."""
    return copy_home(prepared.home.folder, tmp_path_factory.mktemp("jobs") / "home")


def test_jobs_under_spark_submit_without_options_put_a_version_into_production(
    prepared: Prepared,
) -> None:
    told = prepared.trained
    assert (told["version"], told["aliases"]) == (1, ["production"])
    assert told["generated"] is True
    assert set(told["families"]) == {"logistic_regression", "xgboost"}
    metrics = {
        "areaUnderROC",
        "average_precision",
        "areaUnderPR",
        "accuracy",
        "precision",
        "recall",
        "f1",
    }
    assert set(told["test"]) == metrics | {"log_loss", "brier"}


def test_an_alias_is_set_by_hand(home: Home) -> None:
    words = ["jobs/promote.py", "--home", str(home.folder)]
    told = last_line(run("python", *words, "--version", "1", "--alias", "test-1003"))
    assert (told["version"], told["alias"]) == (1, "test-1003")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--version", "9", "--alias", "test-1003"], "among [1], got 9"),
        (["--version", "1", "--alias", "latest"], "got 'latest'"),
        ([], "with the alias staging"),
    ],
)
@pytest.mark.usefixtures("spark")
def test_what_does_not_exist_is_refused(
    home: Home, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_here(promote_job, "--home", home.folder, *words) == 1
    assert told in capsys.readouterr().err.splitlines()[-1]


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
