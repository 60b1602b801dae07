"""Ingest and train give on a cluster what they give on one machine, though a worker is lost."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.running.home import Home
from tests.cluster.conftest import DAY, FAMILIES, FAMILY, ROWS, trained_locally
from tests.cluster.standalone import HOST, Cluster, read_json
from tests.conftest import ROOT
from tests.ingest.books import TABLES
from tests.jobs.commands import BIN, activated, last_line, run
from tests.servers import free_port

pytestmark = pytest.mark.spark
PATIENCE = 400
"""Seconds until XGBoost is expected to fit, and again until the job is expected to end."""


def table(home: Home, name: str) -> list[str]:
    """All rows of a table as text, in order, without the time of the run."""
    rows = DeltaTable(home.lakehouse / "spotify" / name).to_pyarrow_table()
    columns = [column for column in rows.column_names if column != "ingested_at"]
    return sorted(map(str, rows.select(columns).to_pylist()))


@pytest.fixture(scope="module")
def ingested(cluster: Cluster, cluster_home: Home, extract: Path) -> dict[str, Any]:
    """What an ingest on the cluster has told."""
    words = ["jobs/ingest.py", "--csv", str(extract), "--extraction-date", str(DAY)]
    words += ["--home", str(cluster_home.folder)]
    return last_line(run("spark-submit", *cluster.options, *words, SPARK_LOCAL_IP=HOST))


@pytest.mark.slow
def test_the_tables_are_the_same(
    ingested: dict[str, Any], cluster_home: Home, local_home: Home
) -> None:
    assert (ingested["quarantined"], ingested["duplicates"]) == (40, 30)
    for name in TABLES:
        rows = table(cluster_home, name)
        assert len(rows) == {"bronze": ROWS + 30, "quarantine": 40}.get(name, ROWS - 40)
        assert rows == table(local_home, name)


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


@pytest.mark.nightly
@pytest.mark.usefixtures("ingested")
@pytest.mark.parametrize(
    "families",
    [
        pytest.param([FAMILY], marks=pytest.mark.slow),
        pytest.param(FAMILIES, marks=pytest.mark.nightly),
    ],
)
def test_metrics_are_the_same_though_a_worker_is_killed_in_a_fit(
    spark: SparkSession,
    spotify: UseCase,
    cluster: Cluster,
    cluster_home: Home,
    local_home: Home,
    families: list[str],
    tmp_path: Path,
) -> None:
    expected = trained_locally(spark, spotify, local_home, families)
    port, out, err = free_port(), tmp_path / "out", tmp_path / "err"
    options = [*cluster.options, "--conf", f"spark.ui.port={port}"]
    words = ["jobs/train.py", "--trials", "1", "--folds", "2", "--candidates", *families]
    words += ["--home", str(cluster_home.folder)]
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
        while (executor := executor_in_a_fit(f"http://{HOST}:{port}")) is None:
            assert process.poll() is None, err.read_text()[-3000:]
            assert time.monotonic() < deadline, err.read_text()[-3000:]
            time.sleep(0.1)
        cluster.kill_worker_of(executor)
        assert process.wait(timeout=PATIENCE) == 0, err.read_text()[-3000:]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)
    assert "attempt 2 of 4" in err.read_text()
    told = last_line(subprocess.CompletedProcess([], 0, out.read_text()))
    assert told["best"] == expected["best"]
    assert told["rows"] == expected["rows"]
    assert told["test"] == pytest.approx(expected["test"], abs=1e-4)
    for family in families:
        assert told["families"][family] == pytest.approx(expected["families"][family], abs=1e-4)
