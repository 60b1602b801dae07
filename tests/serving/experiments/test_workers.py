"""An experiment on real processes: two workers behind one port, one of them killed."""

import json
import os
import signal
from collections import Counter
from typing import Any
from urllib.request import Request

import pytest

from benchmarks.load import request_bytes, run_load
from hitcast.declaration.use_case import UseCase
from hitcast.running.home import Home
from serving.row_models import example
from serving.versions.workers import living
from tests.servers import OPENER
from tests.serving.conftest import ADMIN, Serve, Server, wait_for
from tests.serving.experiments.conftest import DECLARED, VERSIONS, arm, cached, events_in
from tests.serving.following import followed

pytestmark = pytest.mark.slow
UNITS = [f"user-{number}" for number in range(40)]


def call(server: Server, method: str, body: object = None) -> Any:
    """What a call of `/experiment` answers."""
    url, given = f"http://127.0.0.1:{server.port}/experiment", json.dumps(body).encode()
    request = Request(url, given if body else None, {"X-API-Key": ADMIN}, method=method)
    with OPENER.open(request, timeout=60) as found:
        assert found.status == 200
        return json.load(found)["experiment"]


def workers(home: Home) -> set[int]:
    """The ids of the processes that serve and live."""
    return {int(path.name.partition("-")[0]) for path, _ in living(cached(home))}


def test_each_unit_keeps_its_arm_in_every_worker_also_when_one_is_killed(
    home: Home, serve: Serve, spotify: UseCase
) -> None:
    body = json.dumps(example(spotify, optional=False)).encode()
    asks = {unit: request_bytes("/predict", body, [("X-Unit-Id", unit)]) for unit in UNITS}
    seen: dict[str, Counter[tuple[str, str]]] = {unit: Counter() for unit in UNITS}

    def ask_all(server: Server) -> None:
        for unit, ask in asks.items():

            def observe(status: int, head: bytes, _: bytes, unit: str = unit) -> None:
                lines = head.decode().lower().split("\r\n")
                told = dict(line.split(": ", 1) for line in lines[1:] if line)
                assert status == 200
                seen[unit][told["x-arm"], told["x-model-version"]] += 1

            # New connections, so that both workers get their share.
            run_load(server.port, [ask], clients=4, count=8, observe=observe)

    with followed(home.folder), serve(home.folder, "--workers", "2", admin_key=ADMIN) as server:
        server.wait_until("ready")
        wait_for(lambda: '"workers":2,"following":2' in server.get("/model")[1], "two workers")
        begun = call(server, "PUT", DECLARED)
        assert (begun["workers"], begun["following"], begun["on"]) == (2, 2, True)
        ask_all(server)
        before = workers(home)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        wait_for(lambda: len(workers(home) - before) == 1, "another worker")
        wait_for(lambda: call(server, "GET")["following"] == 2, "two that follow")
        ask_all(server)
        assert call(server, "GET")["period"] == begun["period"]
        rows = [one["rows"]["answered"] for one in call(server, "GET")["arms"]]
        assert sum(rows) == sum(counter.total() for counter in seen.values())
        assert call(server, "DELETE") is None
    # Whoever was the first to find both ready wrote the line; the other one wrote none.
    assert [event for event, _, _ in events_in(home)] == ["asked", "begun", "ended"]
    for unit in UNITS:
        alias = str(arm(unit))
        assert seen[unit].keys() == {(alias, VERSIONS[alias])}, unit
