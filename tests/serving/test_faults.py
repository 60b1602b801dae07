"""What goes wrong in production, done to real processes."""

import json
import os
import re
import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest

from benchmarks.load import request_bytes, run_load
from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.row_models import example
from tests.servers import OPENER
from tests.serving.conftest import ADMIN, Serve, Server, make_home, wait_for
from tests.serving.following import followed
from tests.small_models import make_track_scorer, register_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def ask(spotify: UseCase) -> bytes:
    return request_bytes("/predict", json.dumps(example(spotify, optional=False)).encode())


def logged(home: Home) -> list[Any]:
    """All records of the inference log; every line has to be whole."""
    paths = sorted((home.folder / "inference_log").glob("*.jsonl*"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def version_of(server: Server) -> int:
    found: int = json.loads(server.get("/model")[1])["version"]
    return found


def test_no_request_fails_while_the_alias_flips(home: Home, serve: Serve, ask: bytes) -> None:
    registry = Registry(home, "spotify")
    stop = threading.Event()
    versions: Counter[bytes] = Counter()
    bodies: set[tuple[bytes, bytes]] = set()

    def flip() -> None:
        number = 1
        while not stop.wait(1.0):
            number = 3 if number == 1 else 1
            registry.set_alias("production", number)

    def observe(_: int, head: bytes, body: bytes) -> None:
        version = head.split(b"x-model-version: ")[1].split(b"\r")[0]
        versions[version] += 1
        bodies.add((version, body))

    with followed(home.folder), serve(home.folder) as server:
        server.wait_until("ready")
        flipper = threading.Thread(target=flip)
        flipper.start()
        statuses: Counter[int] = Counter()
        try:
            # 10,000 requests, and on until both versions have answered.
            while sum(statuses.values()) < 10_000 or len(versions) < 2:
                load = run_load(server.port, [ask], clients=8, count=1000, observe=observe)
                statuses.update(load.statuses)
                assert load.broken == load.unanswered == 0
        finally:
            stop.set()
            flipper.join()
    assert set(statuses) == {200}
    assert set(versions) == {b"1", b"3"}
    assert bodies == {(b"1", b'{"popular": 0}'), (b"3", b'{"popular": 1}')}


def test_a_registry_that_goes_away_and_comes_back(home: Home, serve: Serve, ask: bytes) -> None:
    database = home.folder / "mlflow.db"
    hidden = home.folder / "hidden.db"
    with serve(home.folder) as server:
        server.wait_until("ready")
        database.rename(hidden)
        server.wait_until("degraded")
        assert "expected a tracking database" in server.get("/readyz")[1]
        wait_for(lambda: "hitcast_registry_up 0.0" in server.get("/metrics")[1], "the gauge")
        assert run_load(server.port, [ask], clients=2, count=200).statuses == {200: 200}
        assert not database.exists(), "the API never creates it"
    with serve(home.folder) as server:
        server.wait_until("degraded")
        assert version_of(server) == 1
        assert run_load(server.port, [ask], clients=2, count=200).statuses == {200: 200}
        hidden.rename(database)
        server.wait_until("ready")
        Registry(home, "spotify").set_alias("production", 2)
        wait_for(lambda: version_of(server) == 2, "the alias' new version", seconds=6)


def test_a_start_before_any_model_becomes_ready_by_itself(
    tmp_path: Path, serve: Serve, spotify: UseCase
) -> None:
    home = tmp_path / "new"
    home.mkdir()
    with serve(home) as server:
        assert server.get("/livez")[0] == 200
        assert server.get("/readyz")[0] == 503
        wait_for(lambda: "run jobs/train.py" in server.get("/readyz")[1], "what to do")
        assert not (home / "mlflow.db").exists()
        make_home(home, spotify)
        server.wait_until("ready")


def test_a_broken_version_never_takes_over(
    home: Home, serve: Serve, spotify: UseCase, tmp_path: Path
) -> None:
    registry = Registry(home, "spotify")
    with followed(home.folder), serve(home.folder) as server:
        server.wait_until("ready")
        real = make_track_scorer(tmp_path / "whole" / "scorer", spotify, 1.0)
        number = register_folder(home, "spotify", real, example(spotify, optional=False))
        # Its artifact breaks after it was registered.
        held = list((home.folder / "mlruns").rglob("model.onnx"))
        newest = max(held, key=lambda path: path.stat().st_mtime_ns)
        newest.write_bytes(b"no graph")
        registry.set_alias("production", number)
        server.wait_until("degraded")
        assert version_of(server) == 1
        registry.set_alias("production", 2)
        server.wait_until("ready")
        assert version_of(server) == 2


def test_no_answer_is_missing_in_the_log_after_a_kill(
    home: Home, serve: Serve, spotify: UseCase
) -> None:
    body = json.dumps(example(spotify, optional=False)).encode()
    asks = [request_bytes("/predict", body, [("X-Request-ID", f"r{n}")]) for n in range(20_000)]
    answered: list[bytes] = []

    def observe(status: int, head: bytes, _: bytes) -> None:
        assert status == 200
        answered.append(head.split(b"x-request-id: ")[1].split(b"\r")[0])

    with followed(home.folder), serve(home.folder) as server:
        server.wait_until("ready")
        killer = threading.Timer(1.0, lambda: os.kill(server.pid, signal.SIGKILL))
        killer.start()
        load = run_load(server.port, asks, clients=8, count=20_000, observe=observe)
        killer.join()
    assert 100 < len(answered) < 20_000
    # Head and body go out in two writes, one answer after the other: the kill may fall between two.
    assert load.broken <= 1
    kept = {record["request_id"] for record in logged(home)}
    assert {name.decode() for name in answered} <= kept
    with followed(home.folder), serve(home.folder) as server:
        server.wait_until("ready")
        assert not list((home.folder / "inference_log").glob("*.open")), "closed for the dead"


def test_a_term_signal_under_load_breaks_no_answer(home: Home, serve: Serve, ask: bytes) -> None:
    with followed(home.folder), serve(home.folder) as server:
        server.wait_until("ready")
        ender = threading.Timer(1.5, lambda: os.kill(server.pid, signal.SIGTERM))
        ender.start()
        load = run_load(server.port, [ask], clients=8, count=50_000)
        ender.join()
    assert load.broken == 0
    assert set(load.statuses) == {200}
    assert len(logged(home)) == load.statuses[200]
    assert not list((home.folder / "inference_log").glob("*.open"))


def counted(metrics: str) -> tuple[float, float]:
    """Answers that metrics tell of: by version and label, and by route."""
    values = [line.rpartition(" ") for line in metrics.splitlines()]
    answers = sum(float(v) for n, _, v in values if n.startswith("hitcast_predictions_total{"))
    call = r'http_request_duration_seconds_count{handler="/predict",.*status="2xx"}'
    return answers, sum(float(v) for n, _, v in values if re.fullmatch(call, n))


def test_two_workers_share_home_and_log(home: Home, serve: Serve, ask: bytes) -> None:
    statuses: Counter[int] = Counter()

    def all_answered(port: int) -> bool:
        # New connections each time, so that both workers get their share.
        load = run_load(port, [ask], clients=8, count=100)
        statuses.update(load.statuses)
        return set(load.statuses) == {200}

    with serve(home.folder, "--workers", "2") as server:
        server.wait_until("ready")
        # The one that is ready later says 503 until then.
        wait_for(lambda: all(all_answered(server.port) for _ in range(5)), "two ready workers")
        assert all(all_answered(server.port) for _ in range(10))
        # Whichever worker is asked, it tells of both.
        told = {counted(server.get("/metrics")[1]) for _ in range(10)}
    assert told == {(statuses[200], statuses[200])}
    assert set(statuses) <= {200, 503}
    assert len(logged(home)) == statuses[200]
    writers = {path.name.split("-")[1] for path in (home.folder / "inference_log").iterdir()}
    assert len(writers) == 2


def test_no_worker_answers_by_the_old_version_once_a_switch_is_answered(
    home: Home, serve: Serve, ask: bytes
) -> None:
    seen: set[bytes] = set()

    def observe(_: int, head: bytes, __: bytes) -> None:
        seen.add(head.split(b"x-model-version: ")[1].split(b"\r")[0])

    def switch(server: Server, method: str, body: object = None) -> Any:
        url, given = f"http://127.0.0.1:{server.port}/model", json.dumps(body).encode()
        request = Request(url, given if body else None, {"X-API-Key": ADMIN}, method=method)
        with OPENER.open(request, timeout=60) as found:
            assert found.status == 200
            return json.load(found)

    with followed(home.folder), serve(home.folder, "--workers", "2", admin_key=ADMIN) as server:
        server.wait_until("ready")
        wait_for(lambda: '"workers":2,"following":2' in server.get("/model")[1], "two workers")
        for method, number in [("PUT", 2), ("PUT", 3), ("PUT", 2), ("DELETE", 1)]:
            told = switch(server, method, {"version": number} if method == "PUT" else None)
            assert (told["version"], told["workers"], told["following"]) == (number, 2, 2)
            seen.clear()
            # New connections each time, so that both workers get their share.
            for _ in range(5):
                run_load(server.port, [ask], clients=8, count=40, observe=observe)
            assert seen == {str(number).encode()}
