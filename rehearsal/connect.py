"""A Spark Connect server here, in the place of serverless compute.

A task that runs serverless is a plain Python process whose Spark is elsewhere. So it is here: the
server is a process of its own, with the rehearsal's tables by name, and `SPARK_REMOTE` leads to it.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hitcast.errors import BundleError
from hitcast.running.session import DEFAULTS, ONE_MACHINE
from rehearsal.runners import Outcome, Runner, plain_python, with_tables

REMOTE = "SPARK_REMOTE"
"""The variable by which PySpark, and so each job, is told of a server."""
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
SECONDS = 120
"""How long a server has to start."""


@dataclass(frozen=True)
class Serverless:
    """Runs programs by Python alone, with a Spark that is elsewhere; see `runners.Runner`.

    Attributes:
        remote: Where that is: `sc://HOST:PORT`.
        runner: Runs the programs.
    """

    remote: str
    runner: Runner = plain_python

    def __call__(
        self, program: Sequence[str], environment: Mapping[str, str], *, root: Path, home: Path
    ) -> Outcome:
        """Run a program with `SPARK_REMOTE` set."""
        return self.runner(program, {**environment, REMOTE: self.remote}, root=root, home=home)


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Start a server whose tables by name lie in `home`; it ends with the block.

    Yields:
        Where it is, for `SPARK_REMOTE`.

    Raises:
        BundleError: if it does not start.
    """
    home.mkdir(parents=True, exist_ok=True)
    port, log = _free_port(), home / "connect.log"
    with log.open("w", encoding="utf-8") as told:
        process = subprocess.Popen(
            _command(home, port), cwd=home, env=_environment(), stdout=told, stderr=told
        )
        try:
            _wait(process, port, log)
            yield f"sc://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _command(home: Path, port: int) -> list[str]:
    settings = {**DEFAULTS, **ONE_MACHINE, "spark.connect.grpc.binding.port": str(port)}
    settings["spark.connect.grpc.binding.address"] = "127.0.0.1"
    options = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    return [*with_tables(home), *options, "--class", SERVER, "spark-internal"]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != REMOTE}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, "PATH": path, "PYSPARK_PYTHON": sys.executable}


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return once the server answers."""
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    state = "none" if process.poll() is None else f"exit status {process.returncode}"
    last = (log.read_text(encoding="utf-8").strip().splitlines() or [""])[-1]
    raise BundleError(
        f"expected a Spark Connect server within {SECONDS} s, got {state}: {last}; see {log}"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
