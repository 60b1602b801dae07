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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.request import Request

from benchmarks.load import Load, request_bytes, run_load
from benchmarks.table import ROOT, print_table, print_targets, train_home
from hitcast.declaration.loading import load_use_case
from hitcast.models.registry import PRODUCTION, Registry
from hitcast.running.home import Home
from serving.row_models import example
from tests.servers import OPENER, free_port, running

BATCH = 10_000
UNITS = 20_000
"""As many as ask in an experiment: more than a worker remembers the arms of."""
ADMIN, OTHER = "key-of-the-benchmark", "bench"
"""The admin key, and the alias of the experiment's other arm."""
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Server:
    """A server to measure: what starts it, where it is asked, and how.

    Attributes:
        asks: Requests by name, each measured by itself; several are sent in turn.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: str
    asks: Mapping[str, Sequence[bytes]]


@dataclass
class Measured:
    """What was measured of a request to a server, a round after the other."""

    ready_seconds: float = 0.0
    megabytes: float = 0.0
    one: list[Load] = field(default_factory=list)
    eight: list[Load] = field(default_factory=list)

    def row(self, name: str) -> dict[str, object]:
        """The request's line in the table: medians of the rounds."""
        return {
            "server": name,
            "ready in s": round(self.ready_seconds, 1),
            "memory MB": round(self.megabytes),
            "p50 ms, 1 client": median(load.percentile(50) for load in self.one),
            "requests/s, 1 client": round(median(load.per_second for load in self.one)),
            "p50 ms, 8 clients": median(load.percentile(50) for load in self.eight),
            "p99 ms, 8 clients": median(load.percentile(99) for load in self.eight),
            "requests/s, 8 clients": round(median(load.per_second for load in self.eight)),
        }


def main() -> int:
    """Train, start each server, ask it, print the table and what was missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=20_000, help="rows of the twin")
    options.add_argument("--seconds", type=float, default=3, help="length of each load")
    options.add_argument("--rounds", type=int, default=5, help="of all servers, in turn")
    options.add_argument("--home", type=Path, help="a home with a trained model, instead")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Home.resolve(given.home or scratch)
        if given.home is None:
            train_home(home.folder, given.rows)
        servers = _servers(home, Path(scratch))
        shutil.rmtree(home.folder / "model_cache", ignore_errors=True)
        with _started(servers[0], Path(scratch)) as (_, cold, _):
            pass
        measured = _measure(servers, Path(scratch), given.seconds, given.rounds)
        tracks = _batch_speed(servers[0], Path(scratch))
        family = Registry(home, "spotify").versions()[0].tags["hitcast.family"]
    title = f"Serving one {family} model, one worker each, medians of {given.rounds} rounds"
    print_table(title, [found.row(name) for name, found in measured.items()])
    ours, tried, invoked, inferred, ceiling, _, spark = measured.values()
    checks = [
        ("requests/s against the Spark flavor, 8 clients",
         _ratio(ours.eight, spark.eight, "per_second"), 100.0, False),
        ("requests/s against the ceiling, 8 clients",
         _ratio(ours.eight, ceiling.eight, "per_second"), 0.6, False),
        ("p50 against the ceiling, 1 client", _ratio(ours.one, ceiling.one, "p50"), 1.3, True),
        ("p99 / p50, 8 clients",
         median(load.percentile(99) / load.percentile(50) for load in ours.eight), 4.0, True),
        ("requests/s in an experiment against without, 8 clients",
         _ratio(tried.eight, ours.eight, "per_second"), 0.9, False),
        ("p50 of /invocations against /predict, 1 client",
         _ratio(invoked.one, ours.one, "p50"), 1.1, True),
        ("p50 of /v2 infer against /predict, 1 client",
         _ratio(inferred.one, ours.one, "p50"), 1.1, True),
        ("seconds to ready, from the cache", ours.ready_seconds, 2.0, True),
        ("seconds to ready, without it", cold, 8.0, True),
        ("memory of all processes in MB", ours.megabytes, 400.0, True),
        (f"tracks/s in batches of {BATCH:,}, log included", tracks, 80_000.0, False),
    ]  # fmt: skip
    return print_targets(checks)


def _ratio(ours: Sequence[Load], theirs: Sequence[Load], what: str) -> float:
    """The median over the rounds of one figure of ours by theirs."""

    def figure(load: Load) -> float:
        return load.percentile(50) if what == "p50" else load.per_second

    return median(figure(a) / figure(b) for a, b in zip(ours, theirs, strict=True))


def _servers(home: Home, scratch: Path) -> list[Server]:
    registry = Registry(home, "spotify")
    newest = registry.versions()[0]
    registry.set_alias(OTHER, newest.number)
    folder = registry.download_scorer(newest.number, scratch / "copy")
    row = example(load_use_case(), optional=False)
    body = json.dumps(row).encode()
    rows = json.dumps({"dataframe_records": [row]}).encode()
    base = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HITCAST_HOME": str(home.folder)}
    base |= {"MLFLOW_TRACKING_URI": home.tracking_uri, "HITCAST_ADMIN_KEY": ADMIN}
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
    tensors = json.dumps({"inputs": [_tensor(name, value) for name, value in row.items()]})
    infer = "/v2/models/spotify/infer"
    ours = {
        "this API, log and metrics on": [request_bytes("/predict", body)],
        "this API, in an experiment": [
            request_bytes("/predict", body, [("X-Unit-Id", f"unit-{number}")])
            for number in range(UNITS)
        ],
        "this API, /invocations": [request_bytes("/invocations", rows)],
        "this API, /v2 infer": [request_bytes(infer, tensors.encode())],
    }
    # Of a blend the first member: several are not one model to MLflow.
    pipeline = newest.tags["hitcast.spark_model"].split(", ")[0]
    bare = {"bare FastAPI + onnxruntime": [request_bytes("/predict", body)]}
    invoked = [request_bytes("/invocations", rows)]
    return [
        Server("this API", [*uvicorn, "serving.main:app"], base, "/readyz", ours),
        Server("bare", [*uvicorn, "benchmarks.bare_api:app"], {**base, "SCORER": str(folder)},
               "/openapi.json", bare),
        Server("portable", [*serve, f"models:/spotify/{newest.number}"], base, "/ping",
               {"mlflow models serve, portable": invoked}),
        Server("Spark flavor", [*serve, pipeline], base, "/ping",
               {"mlflow models serve, Spark flavor": invoked}),
    ]  # fmt: skip


def _tensor(name: str, value: object) -> dict[str, object]:
    """One value as the Open Inference Protocol has it."""
    kind = "BYTES" if isinstance(value, str) else "INT64" if isinstance(value, int) else "FP64"
    return {"name": name, "shape": [1], "datatype": kind, "data": [value]}


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


def _measure(
    servers: Sequence[Server], scratch: Path, seconds: float, rounds: int
) -> dict[str, Measured]:
    """Start all servers, then ask each in turn, so that all see the same machine."""
    found: dict[str, Measured] = {}
    with ExitStack() as stack:
        places = []
        for server in servers:
            port, ready, pid = stack.enter_context(_started(server, scratch))
            if server is servers[0]:
                _begin_experiment(port)
            for name, requests in server.asks.items():
                found[name] = Measured(ready)
                places.append((name, port, pid, requests))
                _ask(name, port, requests, 1, seconds / 2)
        for _ in range(rounds):
            for name, port, _, requests in places:
                found[name].one.append(_ask(name, port, requests, 1, seconds))
                found[name].eight.append(_ask(name, port, requests, 8, seconds))
        for name, _, pid, _ in places:
            found[name].megabytes = _megabytes(pid)
    return found


def _begin_experiment(port: int) -> None:
    """Have two arms answer who names a unit; both are the one version that there is."""
    arms = [{"alias": PRODUCTION}, {"alias": OTHER}]
    url, body = f"http://127.0.0.1:{port}/experiment", {"name": "bench", "arms": arms}
    asked = Request(url, json.dumps(body).encode(), {"X-API-Key": ADMIN}, method="PUT")
    with OPENER.open(asked, timeout=60) as told:
        if told.status != 200:
            sys.exit(f"the experiment did not begin: {told.read().decode()}")


def _ask(name: str, port: int, requests: Sequence[bytes], clients: int, seconds: float) -> Load:
    load = run_load(port, requests, clients=clients, seconds=seconds)
    if set(load.statuses) != {200}:
        sys.exit(f"{name} answered with {load.statuses}, expected 200 alone")
    return load


def _batch_speed(server: Server, scratch: Path) -> float:
    """Tracks a second in full batches, one client; rows differ, so nothing is cached."""
    row = example(load_use_case(), optional=False)
    rows = [{**row, "energy": place / BATCH, "year": 2000 + place % 24} for place in range(BATCH)]
    request = request_bytes("/predict/batch", json.dumps({"instances": rows}).encode())
    with _started(server, scratch) as (port, _, _):
        loads = [run_load(port, [request], clients=1, count=10) for _ in range(6)]
    if any(load.statuses != {200: 10} for load in loads):
        sys.exit(f"batches were answered with {loads[0].statuses}, expected 200 alone")
    return BATCH * median(load.per_second for load in loads[1:])


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
