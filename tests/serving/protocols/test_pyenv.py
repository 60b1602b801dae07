"""`mlflow models serve` as typed, without flags: MLflow's own environment, by pyenv."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request

import pytest

from hitcast.running.home import Home
from tests.conftest import ROOT
from tests.jobs.commands import activated
from tests.servers import OPENER, free_port, running

pytestmark = pytest.mark.nightly


@pytest.fixture
def server(home: Home, tmp_path: Path) -> Iterator[str]:
    """The server, started in the home folder; MLflow's environments are made anew."""
    if shutil.which("pyenv") is None:
        pytest.skip("pyenv is not on this machine: MLflow's default environment needs it")
    port = free_port()
    environment = activated(
        MLFLOW_PORT=str(port), MLFLOW_ENV_ROOT=str(tmp_path / "envs"), JAVA_HOME="/nowhere"
    )
    url, log = f"http://127.0.0.1:{port}", tmp_path / "server.log"
    command = ["mlflow", "models", "serve", "-m", "models:/spotify@production"]
    with running(
        command, f"{url}/ping", log=log, environment=environment, folder=home.folder, patience=900
    ):
        yield url


def test_mlflow_models_serve_needs_no_flags_where_pyenv_is(server: str, tmp_path: Path) -> None:
    body = (ROOT / "docs/track.json").read_bytes()
    request = Request(f"{server}/invocations", body, {"Content-Type": "application/json"})
    with OPENER.open(request, timeout=60) as answer:
        found = json.load(answer)["predictions"]
    assert [set(row) for row in found] == [{"popular", "probability"}] * 2
    # Hitcast came with the model: the environment has only what the model asks for.
    (packages,) = tmp_path.glob("envs/*/lib/python*/site-packages")
    assert (packages / "onnxruntime").is_dir()
    assert not list(packages.glob("hitcast*"))
    assert not (packages / "pyspark").exists()
