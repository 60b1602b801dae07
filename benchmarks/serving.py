"""The API beside its peers, under the same load, on models trained for it in a temporary home.

Prints requests a second, latencies, memory of all processes and time to ready; exits with 1 when a
ratio is missed. Run as `make bench-serving`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Load, request_bytes, run_load
from benchmarks.table import ROOT, print_table, print_targets, train_home
from hitcast.declaration.loading import load_use_case
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.row_models import example
from tests.servers import free_port, running

BATCH = 10_000
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Server:
    """A server to measure: what starts it, where it is asked, and how."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: str
    path: str
    body: bytes


@dataclass(frozen=True)
class Measured:
    """What was measured of a server."""

    name: str
    ready_seconds: float
    megabytes: float
    one: Load
    eight: Load

    def row(self) -> dict[str, object]:
        """The server's line in the table."""
        return {
            "server": self.name,
            "ready in s": round(self.ready_seconds, 1),
            "memory MB": round(self.megabytes),
            "p50 ms, 1 client": self.one.percentile(50),
            "requests/s, 1 client": round(self.one.per_second),
            "p50 ms, 8 clients": self.eight.percentile(50),
            "p99 ms, 8 clients": self.eight.percentile(99),
            "requests/s, 8 clients": round(self.eight.per_second),
        }


def main() -> int:
    """Train, start each server, ask it, print the table and what was missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=20_000, help="rows of the twin")
    options.add_argument("--seconds", type=float, default=10, help="length of each load")
    options.add_argument("--home", type=Path, help="a home with a trained model, instead")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Home.resolve(given.home or scratch)
        if given.home is None:
            train_home(home.folder, given.rows)
        servers = _servers(home, Path(scratch))
        shutil.rmtree(home.folder / "model_cache", ignore_errors=True)
        cold = _time_to_ready(servers[0], Path(scratch))
        measured = [_measure(server, Path(scratch), given.seconds) for server in servers]
        tracks = _batch_speed(servers[0], Path(scratch))
        family = Registry(home, "spotify").versions()[0].tags["hitcast.family"]
    print_table(f"Serving one {family} model, one worker each", [m.row() for m in measured])
    ours, ceiling, _, spark = measured
    checks = [
        ("requests/s against the Spark flavor, 8 clients",
         ours.eight.per_second / spark.eight.per_second, 100.0, False),
        ("requests/s against the ceiling, 8 clients",
         ours.eight.per_second / ceiling.eight.per_second, 0.5, False),
        ("p50 in ms, 1 client", ours.one.percentile(50), 0.6, True),
        ("p99 / p50, 8 clients", ours.eight.percentile(99) / ours.eight.percentile(50), 4.0, True),
        ("seconds to ready, from the cache", ours.ready_seconds, 2.0, True),
        ("seconds to ready, without it", cold, 8.0, True),
        ("memory of all processes in MB", ours.megabytes, 400.0, True),
        (f"tracks/s in batches of {BATCH:,}, log included", tracks, 80_000.0, False),
    ]  # fmt: skip
    return print_targets(checks)


def _servers(home: Home, scratch: Path) -> list[Server]:
    registry = Registry(home, "spotify")
    newest = registry.versions()[0]
    folder = registry.download_scorer(newest.number, scratch / "copy")
    row = example(load_use_case(), optional=False)
    body = json.dumps(row).encode()
    rows = json.dumps({"dataframe_records": [row]}).encode()
    base = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HITCAST_HOME": str(home.folder)}
    base |= {"MLFLOW_TRACKING_URI": home.tracking_uri}
    uvicorn = [
        str(BIN / "uvicorn"),
        "--no-access-log",
        "--log-level",
        "warning",
        "--port",
        "{port}",
    ]
    serve = [str(BIN / "mlflow"), "models", "serve", "--env-manager", "local", "-h", "127.0.0.1"]
    serve += ["-p", "{port}", "-m"]
    return [
        Server("this API, log and metrics on", [*uvicorn, "serving.main:app"], base, "/readyz",
               "/predict", body),
        Server("bare FastAPI + onnxruntime", [*uvicorn, "benchmarks.bare_api:app"],
               {**base, "SCORER": str(folder)}, "/openapi.json", "/predict", body),
        Server("mlflow models serve, portable", [*serve, f"models:/spotify/{newest.number}"], base,
               "/ping", "/invocations", rows),
        Server("mlflow models serve, Spark flavor", [*serve, newest.tags["hitcast.spark_model"]],
               base, "/ping", "/invocations", rows),
    ]  # fmt: skip


@contextmanager
def _started(server: Server, scratch: Path) -> Iterator[tuple[int, float, int]]:
    """Start a server; yields its port, the seconds until it was ready, and its process id."""
    port = free_port()
    command = [word.replace("{port}", str(port)) for word in server.command]
    begun = time.perf_counter()
    with running(
        command,
        f"http://127.0.0.1:{port}{server.ready}",
        log=scratch / "server.log",
        environment=server.environment,
        folder=ROOT,
        pause=0.02,
    ) as process:
        yield port, time.perf_counter() - begun, process.pid


def _time_to_ready(server: Server, scratch: Path) -> float:
    """Seconds to ready of the API's first start on a machine."""
    with _started(server, scratch) as (_, seconds, _):
        return seconds


def _measure(server: Server, scratch: Path, seconds: float) -> Measured:
    request = request_bytes(server.path, server.body)
    with _started(server, scratch) as (port, ready, pid):
        _ask(port, [request], 1, seconds / 5)
        one = _ask(port, [request], 1, seconds)
        eight = _ask(port, [request], 8, seconds)
        memory = _megabytes(pid)
    if set(one.statuses) | set(eight.statuses) != {200}:
        sys.exit(f"{server.name} answered {one.statuses} and {eight.statuses}, expected 200 alone")
    return Measured(server.name, ready, memory, one, eight)


def _ask(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> Load:
    return run_load(port, requests, clients=clients, seconds=seconds)


def _batch_speed(server: Server, scratch: Path) -> float:
    """Tracks a second in full batches, one client; rows differ, so nothing is cached."""
    row: dict[str, Any] = json.loads(server.body)
    rows = [{**row, "energy": place / BATCH, "year": 2000 + place % 24} for place in range(BATCH)]
    request = request_bytes("/predict/batch", json.dumps({"instances": rows}).encode())
    with _started(server, scratch) as (port, _, _):
        run_load(port, [request], clients=1, count=3)
        load = run_load(port, [request], clients=1, count=20)
    if load.statuses != {200: 20}:
        sys.exit(f"batches were answered with {load.statuses}, expected 200 alone")
    return BATCH * load.per_second


def _megabytes(pid: int) -> float:
    """Resident memory of a process and all that it started."""
    table = subprocess.run(["ps", "-eo", "pid,ppid,rss"], capture_output=True, text=True)
    rows = [tuple(map(int, line.split())) for line in table.stdout.splitlines()[1:]]
    family = {pid}
    while more := {child for child, parent, _ in rows if parent in family} - family:
        family |= more
    return sum(size for child, _, size in rows if child in family) / 1024


if __name__ == "__main__":
    sys.exit(main())
