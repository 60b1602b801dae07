"""A standalone cluster on the loopback interface: Spark's own master and workers, as processes."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.jobs.commands import BIN, activated
from tests.servers import OPENER, free_port, running

HOST = "127.0.0.1"
"""Drivers take it as `SPARK_LOCAL_IP` too; else they look for a network that tests may not have."""
CORES = 2
"""Of each worker: where one is lost, the other alone has enough for XGBoost's two tasks."""
MEMORY = "1g"
"""Of each executor."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes:
        url: What `spark-submit --master` takes.
        workers: The workers' processes by the addresses of their pages; each leads a group of
            processes, its executors among them.
    """

    url: str
    workers: Mapping[str, subprocess.Popen[bytes]]

    @property
    def options(self) -> list[str]:
        """Options of `spark-submit` that run a job on the cluster."""
        settings = {
            "spark.sql.shuffle.partitions": str(CORES * len(self.workers)),
            # As all JVMs of the tests: see conftest.py.
            "spark.executor.extraJavaOptions": os.environ["SPARK_SUBMIT_OPTS"],
        }
        words = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        return ["--master", self.url, "--executor-memory", MEMORY, *words]

    def kill_worker_of(self, executor: str) -> None:
        """Kill the worker that has the executor, and the executor too, as a machine's end would."""
        for page, process in self.workers.items():
            if process.poll() is None:
                if executor in {str(e["id"]) for e in read_json(f"{page}/json/")["executors"]}:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(timeout=30)
                    return
        raise LookupError(f"expected a worker with executor {executor}, found none")


@contextmanager
def standalone(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A master and its workers, all registered; whatever happens, none is left at the end.

    Args:
        folder: Gets what they print, and the executors' files.
        workers: How many.
    """
    environment = activated(SPARK_LOCAL_IP=HOST, SPARK_LOCAL_DIRS=str(folder))
    port, page = free_port(), f"http://{HOST}:{(page_port := free_port())}"
    url = f"spark://{HOST}:{port}"
    with ExitStack() as stack:
        master = ["master.Master", "--port", str(port), "--webui-port", str(page_port)]
        stack.enter_context(_started(master, f"{page}/json/", folder / "master", environment))
        processes = {}
        for number in range(workers):
            its_port = free_port()
            its_page, its_folder = f"http://{HOST}:{its_port}", folder / f"worker-{number}"
            worker = ["worker.Worker", "--webui-port", str(its_port), "--cores", str(CORES)]
            worker += ["--memory", MEMORY, "--work-dir", str(its_folder), url]
            started = _started(worker, f"{its_page}/json/", its_folder, environment)
            processes[its_page] = stack.enter_context(started)
        deadline = time.monotonic() + 60
        while read_json(f"{page}/json/")["aliveworkers"] < workers:
            assert time.monotonic() < deadline, "not all workers have registered"
            time.sleep(0.2)
        yield Cluster(url, processes)


def read_json(url: str) -> Any:
    """What a page of Spark's answers."""
    with OPENER.open(url, timeout=10) as answer:
        return json.load(answer)


@contextmanager
def _started(
    words: list[str], ping: str, folder: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """One of Spark's processes, until the block ends."""
    folder.mkdir()
    name, *options = words
    command = [str(BIN / "spark-class"), f"org.apache.spark.deploy.{name}", "--host", HOST]
    log = folder.with_suffix(".log")
    with running([*command, *options], ping, log=log, environment=environment) as process:
        try:
            yield process
        finally:
            # TERM lets a worker end its executors; those of a worker that is gone already stay.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=30)
                os.killpg(process.pid, signal.SIGKILL)
