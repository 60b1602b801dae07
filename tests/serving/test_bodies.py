"""How large and how slow a body may be, how many are held, and what is left of one unread."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message

from serving.access import AccessRoute
from serving.api import Api
from serving.bodies import ROW_BYTES, SMALL_BYTES, Rest
from serving.columns import Row
from serving.main import create_app
from tests.serving.asgi import Answer, Headers, ask, asked, scope_of
from tests.serving.conftest import settings_of

MIB = 2**20
CHUNKED: Headers = [("Transfer-Encoding", "chunked")]


def app(home: Path, **settings: Any) -> FastAPI:
    """The app, not started: a body that is taken is refused for what it says, 422."""
    return create_app(settings_of(home=home, log=False, **settings))


def sent(made: FastAPI, path: str, size: int, told: bool = True, **more: Any) -> Answer:
    """The answer to a body of a size, in parts of 10,000 bytes."""
    parts = [b"x" * min(10_000, size - start) for start in range(0, size, 10_000)]
    headers: Headers = [("Content-Length", str(size))] if told else CHUNKED
    return ask(made, path=path, headers=[*headers, ("X-API-Key", "a")], parts=parts, **more)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(
    ("path", "method", "largest"),
    [
        ("/predict", "POST", ROW_BYTES),
        ("/explain", "POST", ROW_BYTES),
        ("/similar", "POST", ROW_BYTES),
        ("/predict/batch", "POST", 300_000),
        ("/model", "PUT", SMALL_BYTES),
    ],
)
def test_each_route_has_a_limit_of_its_own(
    tmp_path: Path, path: str, method: str, largest: int, told: bool
) -> None:
    made = app(tmp_path, admin_key="a", max_body_bytes=300_000)
    # A batch that is taken finds no version here.
    taken = 503 if path == "/predict/batch" else 422
    assert sent(made, path, largest, told, method=method).status == taken
    refused = sent(made, path, largest + 1, told, method=method)
    assert (refused.status, refused.unread) == (413, 0)
    assert b'"code": "too-large"' in refused.body
    assert str(largest).encode() in refused.body


def test_the_settings_limit_goes_for_every_route(tmp_path: Path) -> None:
    assert sent(app(tmp_path, max_body_bytes=2048), "/predict", 2049).status == 413


def test_a_route_that_says_nothing_takes_a_row(tmp_path: Path) -> None:
    routes = [route for route in app(tmp_path).routes if isinstance(route, AccessRoute)]
    assert {route.path for route in routes if route.largest is None} == {
        "/predict/batch", "/feedback", "/invocations", "/v2/models/{name}/infer",
        "/v2/models/{name}/versions/{version}/infer",
    }  # fmt: skip
    assert {route.largest for route in routes if route.path == "/similar"} == {ROW_BYTES}


@pytest.mark.parametrize("told", [True, False])
def test_what_is_too_large_is_read_to_its_end_so_that_the_answer_is_heard(
    tmp_path: Path, told: bool
) -> None:
    answer = sent(app(tmp_path, max_body_bytes=100_000), "/predict", 300_000, told)
    assert (answer.status, answer.unread) == (413, 0)
    assert answer.all("connection") == ["close"]


def test_what_has_no_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    made = app(tmp_path, max_body_bytes=100_000)
    assert sent(made, "/predict", 2 * MIB).unread == 210, "nothing, for its length says enough"
    unread = sent(made, "/predict", 2 * MIB, told=False).unread
    assert 210 - 48 < unread < 210 - 40, "four times the largest body, and what was read before"


@pytest.mark.parametrize(
    ("path", "status", "settings"),
    [
        ("/predict", 401, {"api_keys": "one"}),
        ("/nothing", 404, {}),
        ("/model", 405, {}),
        ("/predict", 429, {"rate_limit": 1}),
    ],
)
def test_every_refusal_is_heard_by_who_sends_much(
    tmp_path: Path, path: str, status: int, settings: dict[str, Any]
) -> None:
    made = app(tmp_path, **settings)
    ask(made)
    answer = sent(made, path, 100_000)
    assert (answer.status, answer.unread) == (status, 0)
    assert answer.all("connection") == ["close"]


@pytest.mark.parametrize(
    ("headers", "version", "unread"),
    [
        ([("Connection", "close")], "1.1", 0),
        ([("Connection", "Keep-Alive, Close")], "1.1", 0),
        ([], "1.0", 0),
        ([], "1.1", 2),
    ],
)
def test_a_small_body_is_read_to_its_end_where_the_connection_closes(
    tmp_path: Path, headers: Headers, version: str, unread: int
) -> None:
    made, sizes = app(tmp_path, api_keys="one"), [("Content-Length", "2")]
    answer = ask(made, headers=[*headers, *sizes], parts=[b"{", b"}"], http_version=version)
    assert (answer.status, answer.unread) == (401, unread)


def test_a_body_that_was_read_leaves_the_connection_open(tmp_path: Path) -> None:
    assert sent(app(tmp_path), "/predict", 60_000).all("connection") == []


@pytest.mark.parametrize("parts", [[b"{", 5.0, b"}"], [5.0, b"{}"], [b"{", *[0.01, b" "] * 500]])
def test_a_whole_body_has_a_deadline(tmp_path: Path, parts: Sequence[bytes | float]) -> None:
    for headers in ([], CHUNKED):
        answer = ask(app(tmp_path, body_seconds=0.05), headers=headers, parts=parts)
        assert answer.status == 408
        assert b'"code": "timeout"' in answer.body
        assert answer.all("connection") == ["close"]
        assert answer.unread, "the rest is not waited for"


def test_who_is_slow_to_send_what_is_thrown_away_has_a_deadline_too(tmp_path: Path) -> None:
    parts: list[bytes | float] = [b"x" * 70_000, 5.0, b"x"]
    answer = ask(app(tmp_path, body_seconds=0.05), headers=CHUNKED, parts=parts)
    assert (answer.status, answer.unread) == (413, 2)


def test_who_leaves_before_the_end_is_no_fault_of_ours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask(app(tmp_path), parts=[])
    assert answer.status == 400
    assert b'"code": "gone"' in answer.body
    assert "a request failed" not in caplog.text


def test_large_bodies_are_held_up_to_a_bound_together(tmp_path: Path) -> None:
    made = app(tmp_path, max_body_bytes=MIB, max_held_bytes=2 * MIB)
    room = made.state.api.room
    half = b"x" * (MIB // 2)

    async def send_batch(*parts: bytes | float) -> Answer:
        headers = [("Content-Length", str(MIB))]
        return await asked(made, scope_of(path="/predict/batch", headers=headers), parts)

    async def rush() -> list[Answer]:
        others = [asyncio.create_task(send_batch(half, 0.2, half)) for _ in range(3)]
        while room.held < 1.5 * MIB:
            await asyncio.sleep(0)
        refused = await send_batch(half, half)
        # A row is not in the way of batches, nor they in its.
        assert (await asked(made, scope_of(), [b"{"])).status == 422
        return [refused, *await asyncio.gather(*others)]

    refused, *others = asyncio.run(rush())
    assert refused.status == 503
    assert b'"code": "busy"' in refused.body
    assert refused.all("retry-after") == ["2"]
    # Those are held to their end, which no version answers here.
    assert [b'"code": "starting"' in answer.body for answer in others] == [True] * 3
    assert room.held == 0


def test_so_many_batches_are_worked_on_at_once(tmp_path: Path) -> None:
    made = app(tmp_path, max_batches=2)
    working = most = 0

    async def one() -> None:
        nonlocal working, most

        def work() -> None:
            nonlocal working, most
            working += 1
            most = max(most, working)
            done.wait(0.02)
            working -= 1

        await made.state.api.work(work)

    done = threading.Event()

    async def rush() -> None:
        await asyncio.gather(*(one() for _ in range(12)))

    asyncio.run(rush())
    assert most == 2


def test_batches_wait_for_their_turn_with_their_bodies_held(
    client: TestClient, track: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    work = Api.work

    async def watched(api: Api, batch: Any) -> Any:
        held.append(api.room.held)
        return await work(api, batch)

    monkeypatch.setattr(Api, "work", watched)
    answer = client.post("/predict/batch", json={"instances": [track] * 3})
    assert (answer.status_code, len(answer.json()["predictions"])) == (200, 3)
    assert held == [int(answer.request.headers["Content-Length"])]
    found: Any = client.app
    assert found.state.api.room.held == 0


def test_an_answer_without_a_body_left_is_handed_on_as_it_is() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"all", "more_body": False}

    found: list[Message] = []

    async def send(message: Message) -> None:
        found.append(message)

    async def call() -> None:
        rest = Rest(receive, send, most=100, seconds=1)
        await rest.receive()
        await rest.send({"type": "http.response.start", "status": 200, "headers": []})
        await rest.send({"type": "http.response.body", "body": b"x"})
        await rest.discard()

    asyncio.run(call())
    assert found == [
        {"type": "http.response.start", "status": 200, "headers": []},
        {"type": "http.response.body", "body": b"x"},
    ]
