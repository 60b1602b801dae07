"""What is refused before a call is looked for, and what has failed beyond the gate."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from serving.bodies import Room
from serving.gate import Gate
from serving.guard import Guard
from serving.keys import Keys
from serving.main import create_app
from tests.serving.asgi import Answer, Headers, ask, asked, scope_of
from tests.serving.conftest import settings_of


def app(home: Path, **settings: Any) -> FastAPI:
    """The app, not started: a call that is let through is refused for its body, 422."""
    return create_app(settings_of(home=home, log=False, **settings))


def gated(inner: Any, **settings: Any) -> Guard:
    """An app of a test's own behind the gate and the guard."""
    given = settings_of(**settings)
    return Guard(Gate(inner, given, Keys(given), Room(1000)))


def statuses(made: FastAPI, count: int, *headers: tuple[str, str], **scope: Any) -> list[int]:
    return [ask(made, headers=headers, **scope).status for _ in range(count)]


def test_a_caller_who_asks_too_often_has_to_wait(tmp_path: Path) -> None:
    made = app(tmp_path, rate_limit=2)
    assert statuses(made, 3) == [422, 422, 429]
    assert 1 <= int(ask(made).all("retry-after")[0]) <= 60
    assert statuses(made, 1, client=("10.0.0.2", 1)) == [422]


def test_an_address_that_a_caller_claims_is_not_believed(tmp_path: Path) -> None:
    made = app(tmp_path, rate_limit=1, api_keys="one", wrong_keys=1)
    found = [
        statuses(made, 1, ("X-Forwarded-For", f"10.1.1.{n}"), ("Forwarded", f"for=10.1.1.{n}"))
        for n in range(2)
    ]
    assert found == [[401], [429]]


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_probes_are_never_counted(tmp_path: Path, prefix: str) -> None:
    made = app(tmp_path, rate_limit=1, max_concurrent=1)
    for path, status in (("/livez", 200), ("/readyz", 503)):
        found = [ask(made, "GET", prefix + path, root_path=prefix) for _ in range(3)]
        assert {answer.status for answer in found} == {status}
    assert statuses(made, 2, path=f"{prefix}/predict", root_path=prefix) == [422, 429]


def test_each_worker_takes_its_share_of_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    assert statuses(app(tmp_path, rate_limit=4), 3) == [422, 422, 429]
    monkeypatch.setenv("HITCAST_WORKERS", "1")
    assert statuses(app(tmp_path, rate_limit=4), 5) == [422, 422, 422, 422, 429]


def test_keys_of_ours_are_counted_apart_from_their_address(tmp_path: Path) -> None:
    made = app(tmp_path, rate_limit=2, api_keys="one,two", wrong_keys=0)
    found = [statuses(made, 1, ("X-API-Key", key)) for key in ("a", "b", "c", "one", "one", "two")]
    assert found == [[401], [401], [429], [422], [422], [422]]
    assert statuses(made, 1, ("X-API-Key", "one")) == [429]


def test_an_option_that_no_browser_sent_counts_too(tmp_path: Path) -> None:
    made = app(tmp_path, rate_limit=1)
    asks = ("Access-Control-Request-Method", "POST")
    assert statuses(made, 2, asks, method="OPTIONS") == [405, 429]


def test_more_requests_at_once_than_the_limit_are_told_to_come_again() -> None:
    leave = asyncio.Event()

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/predict":
            await leave.wait()
        await Response()(scope, receive, send)

    made = gated(inner, max_concurrent=2)

    async def rush() -> tuple[list[Answer], Answer, Answer]:
        waiting = [asyncio.create_task(asked(made, scope_of())) for _ in range(2)]
        await asyncio.sleep(0)
        refused, probe = await asked(made, scope_of()), await asked(made, scope_of(path="/livez"))
        leave.set()
        return await asyncio.gather(*waiting, asked(made, scope_of())), refused, probe

    answered, refused, probe = asyncio.run(rush())
    assert refused.status == 503
    assert json.loads(refused.body)["code"] == "busy"
    assert refused.all("retry-after") == ["1"]
    assert probe.status == 200
    assert [answer.status for answer in answered] == [200, 200, 200]


def test_requests_that_fail_or_leave_are_counted_out_again() -> None:
    async def inner(scope: Any, _: Any, __: Any) -> None:
        if scope["path"] == "/gone":
            raise asyncio.CancelledError
        raise RuntimeError("no")

    made = gated(inner, max_concurrent=1)
    with pytest.raises(asyncio.CancelledError):
        ask(made, path="/gone")
    assert [ask(made).status for _ in range(3)] == [500, 500, 500]


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Length", "-5")],
        [("Content-Length", "5,5")],
        [("Content-Length", "+5")],
        [("Content-Length", "²")],
        [("Content-Length", "")],
        [("Content-Length", "5"), ("Content-Length", "6")],
        [("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
    ],
)
def test_a_body_whose_length_can_be_read_in_two_ways_is_refused(
    tmp_path: Path, headers: Headers
) -> None:
    answer = ask(app(tmp_path), headers=headers, parts=[b"12345"])
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "bad-request")
    assert answer.all("connection") == ["close"]


def test_a_failure_has_the_id_the_headers_and_the_form_of_every_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = app(tmp_path)

    async def fails(_: Request) -> Response:
        raise RuntimeError("secret inside")

    made.get("/fails")(fails)
    answer = ask(made, "GET", "/fails", [("X-Request-ID", "take-5")])
    assert answer.status == 500
    assert json.loads(answer.body)["code"] == "internal"
    assert answer.all("content-type") == ["application/problem+json"]
    assert answer.all("x-request-id") == ["take-5"]
    assert answer.all("x-content-type-options") == ["nosniff"]
    assert b"secret inside" not in answer.body
    (record,) = [found for found in caplog.records if found.levelno == logging.ERROR]
    assert record.message == "a request failed"
    assert record.request_id == "take-5"  # type: ignore[attr-defined]
    assert record.exc_info is not None


def test_half_an_answer_is_broken_off() -> None:
    async def inner(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        ask(gated(inner))
