"""What every answer has; methods, paths and protocols that nobody should ask for."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from serving.guard import Guard
from serving.main import create_app
from tests.serving.asgi import Headers, ask
from tests.serving.conftest import settings_of


def app(home: Path, **settings: Any) -> Any:
    """The app, not started."""
    return create_app(settings_of(home=home, log=False, **settings))


def test_every_answer_has_an_id_and_the_security_headers(tmp_path: Path) -> None:
    made = app(tmp_path, max_body_bytes=2048)
    too_large = [("Content-Length", "2049")]
    for answer in (ask(made, "GET", "/livez"), ask(made), ask(made, headers=too_large)):
        assert len(answer.all("x-request-id")[0]) == 32
        assert answer.all("x-content-type-options") == ["nosniff"]
        assert answer.all("cache-control") == ["no-store"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["my-id"], True),
        (["a" * 64], True),
        (["a" * 65], False),
        (["two words"], False),
        (["new\nline"], False),
        (["ü"], False),
        ([""], False),
        (["one", "two"], False),
        (["one", "one"], False),
    ],
)
def test_a_callers_id_is_kept_if_it_is_one_and_plain(
    tmp_path: Path, given: list[str], kept: bool
) -> None:
    headers: Headers = [("X-Request-ID", value) for value in given]
    found = ask(app(tmp_path), headers=headers).all("x-request-id")
    assert len(found) == 1
    assert (found[0] == given[0]) == kept
    assert kept or len(found[0]) == 32


def test_callers_may_repeat_their_ids(tmp_path: Path) -> None:
    made = app(tmp_path)
    found = [ask(made, headers=[("X-Request-ID", "same")]).all("x-request-id") for _ in range(2)]
    assert found == [["same"], ["same"]]


def test_what_is_refused_is_logged_but_not_that_a_probe_finds_it_unready(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def unready(scope: Any, receive: Any, send: Any) -> None:
        await Response(status_code=503)(scope, receive, send)

    with caplog.at_level("INFO", logger="hitcast.serving"):
        assert [ask(Guard(unready), path=path).status for path in ("/readyz", "/x")] == [503, 503]
    told = [record for record in caplog.records if record.message == "not answered"]
    assert [record.path for record in told] == ["/x"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/model", ["GET", "HEAD", "PUT"]),
        ("/models", ["GET", "HEAD"]),
        ("/predict", ["POST"]),
        ("/livez", ["GET", "HEAD"]),
        ("/docs", ["GET", "HEAD"]),
    ],
)
def test_allow_lists_every_method_of_a_path(
    tmp_path: Path, path: str, methods: list[str], prefix: str
) -> None:
    for method in ("PATCH", "OPTIONS"):
        answer = ask(app(tmp_path), method, prefix + path, root_path=prefix)
        assert (answer.status, json.loads(answer.body)["code"]) == (405, "method-not-allowed")
        # DELETE /model is there or comes.
        found = [name for name in answer.all("allow")[0].split(", ") if name != "DELETE"]
        assert found == methods


def test_head_is_answered_as_get_without_the_body(tmp_path: Path) -> None:
    made = app(tmp_path)
    for path in ("/livez", "/readyz", "/models", "/schema"):
        got, head = ask(made, "GET", path), ask(made, "HEAD", path)
        assert head.status == got.status
        assert head.all("content-length") == [str(len(got.body))]
        assert head.body == b""
    assert ask(made, "HEAD", "/predict").status == 405
    assert ask(app(tmp_path, api_keys="one"), "HEAD", "/models").status == 401


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(
    "path", ["//predict", "/predict/", "/predict//", "/predict/batch/", "//livez", "/docs/", "/"]
)
def test_a_path_that_is_not_one_of_ours_is_not_found_and_nobody_is_sent_elsewhere(
    tmp_path: Path, path: str, prefix: str
) -> None:
    headers = [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")]
    answer = ask(app(tmp_path), "POST", prefix + path, headers, root_path=prefix)
    assert (answer.status, json.loads(answer.body)["code"]) == (404, "not-found")
    assert answer.all("location") == []


def test_a_websocket_is_closed_in_order(tmp_path: Path) -> None:
    made = app(tmp_path, cors_origins="http://a.b", api_keys="one", rate_limit=1)
    for path in ("/predict", "/nothing"):
        with pytest.raises(WebSocketDisconnect) as caught, TestClient(made).websocket_connect(path):
            pass
        assert caught.value.code == 1008


def test_other_kinds_of_scope_are_handed_on() -> None:
    seen: list[str] = []

    async def inner(scope: Any, _: Any, __: Any) -> None:
        seen.append(scope["type"])

    async def nothing() -> Message:
        return {}

    async def never(_: Message) -> None:
        raise AssertionError

    asyncio.run(Guard(inner)({"type": "lifespan"}, nothing, never))
    assert seen == ["lifespan"]


def test_http_1_0_is_answered(tmp_path: Path) -> None:
    assert ask(app(tmp_path), "GET", "/livez", http_version="1.0").status == 200
