"""A worker that is lost in mid-training does not fail the job."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from hitcast.home import Home
from tests.cluster.conftest import TRAIN
from tests.cluster.standalone import HOST, Cluster, read_json
from tests.conftest import ROOT
from tests.jobs.commands import BIN, activated, last_line
from tests.servers import free_port

pytestmark = [pytest.mark.spark, pytest.mark.slow]
PATIENCE = 400
"""Seconds until XGBoost is expected to fit, and again until the job is expected to end."""


def executor_in_a_fit(page: str) -> str | None:
    """The executor that runs a task of XGBoost's, by the REST API of the driver's page."""
    try:
        (application,) = read_json(f"{page}/api/v1/applications")
        stages = f"{page}/api/v1/applications/{application['id']}/stages"
        for stage in read_json(f"{stages}?status=active"):
            # The only rows that a training collects as an RDD are XGBoost's.
            if "PythonRDD$.collectAndServe" in stage["details"]:
                for task in read_json(f"{stages}/{stage['stageId']}/0/taskList"):
                    if task["status"] == "RUNNING":
                        return str(task["executorId"])
    except (OSError, ValueError):
        pass  # The page is not up yet, or the stage has just come or gone.
    return None


def test_a_worker_killed_in_a_fit_costs_that_fit_alone(
    cluster: Cluster, local_home: Home, trained_locally: dict[str, Any], tmp_path: Path
) -> None:
    port, out, err = free_port(), tmp_path / "out", tmp_path / "err"
    options = [*cluster.options, "--conf", f"spark.ui.port={port}"]
    words = [*TRAIN, "xgboost", "--home", str(local_home.folder)]
    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(
            [str(BIN / "spark-submit"), *options, *words],
            cwd=ROOT,
            env=activated(SPARK_LOCAL_IP=HOST),
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while (executor := executor_in_a_fit(f"http://127.0.0.1:{port}")) is None:
            assert process.poll() is None, err.read_text()[-3000:]
            assert time.monotonic() < deadline, err.read_text()[-3000:]
            time.sleep(0.1)
        cluster.kill_worker_of(executor)
        assert process.wait(timeout=PATIENCE) == 0, err.read_text()[-3000:]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)
    told = last_line(subprocess.CompletedProcess([], 0, out.read_text()))
    undisturbed = trained_locally["families"]["xgboost"]
    assert told["families"]["xgboost"] == pytest.approx(undisturbed, abs=1e-4)
    assert "attempt 2 of 4" in err.read_text()
