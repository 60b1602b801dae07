"""Errors under the protocols' paths, whoever raised them, and those of all others."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request, Response
from starlette.testclient import TestClient

from serving.access import AccessRoute
from serving.main import create_app
from serving.responses import problem
from serving.routes.protocols.dialects import Dialects
from tests.serving.conftest import settings_of


def client(home: Path, root_path: str = "", **settings: Any) -> TestClient:
    """The app, not started: no model, no poller."""
    app = create_app(settings_of(home=home, log=False, **settings))
    return TestClient(app, root_path=root_path, raise_server_exceptions=False)


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/nothing", 404),
        ("GET", "/v2/models/other", 404),
        ("POST", "/v2/models/other/infer", 404),
        ("POST", "/v2/models/spotify/versions/x/infer", 404),
        ("POST", "/v2", 405),
        ("GET", "/v2/models/spotify/infer", 405),
        ("POST", "/v2/models/spotify/infer", 503),
        ("GET", "/v2/models/spotify/ready", 503),
        ("GET", "/v2/health/ready", 503),
    ],
)
def test_errors_under_v2_have_the_protocol_s_form(
    tmp_path: Path, prefix: str, method: str, path: str, status: int
) -> None:
    answer = client(tmp_path, prefix).request(method, f"{prefix}{path}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"]
    assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/invocations", "POST", 503, "TEMPORARILY_UNAVAILABLE"),
        ("/invocations", "GET", 405, "ENDPOINT_NOT_FOUND"),
        ("/ping", "GET", 503, "TEMPORARILY_UNAVAILABLE"),
    ],
)
def test_errors_of_mlflow_s_calls_have_mlflow_s_form(
    tmp_path: Path, path: str, method: str, status: int, code: str
) -> None:
    from mlflow.exceptions import RestException

    answer = client(tmp_path).request(method, path)
    assert answer.status_code == status
    raised = RestException(answer.json())
    assert raised.error_code == code
    assert raised.get_http_status_code() in (status, 404)


def test_a_missing_key_is_told_in_the_protocol_s_form(tmp_path: Path) -> None:
    closed = client(tmp_path, api_keys="k")
    for path in ("/v2", "/v2/models/spotify", "/v2/models/spotify/ready"):
        answer = closed.get(path)
        assert (answer.status_code, list(answer.json())) == (401, ["error"])
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert closed.get("/v2", headers={"Authorization": "Bearer k"}).status_code == 200
    assert closed.get("/version").json()["error_code"] == "UNAUTHENTICATED"
    assert closed.post("/invocations").json()["error_code"] == "UNAUTHENTICATED"
    assert closed.get("/v2/health/live").json() == {"live": True}


def test_a_fault_of_ours_is_told_in_the_protocol_s_form_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings_of(home=tmp_path, log=False))

    async def broken(_: Request) -> Response:
        raise RuntimeError("broken")

    for path in ("/v2/broken", "/broken"):
        app.router.routes.append(AccessRoute(path, broken))
    asked = TestClient(app, raise_server_exceptions=False)
    answer = asked.get("/v2/broken")
    assert (answer.status_code, list(answer.json())) == (500, ["error"])
    assert "a request failed" in caplog.text
    other = asked.get("/broken")
    assert other.json()["code"] == "internal"


def test_errors_elsewhere_stay_problem_documents(tmp_path: Path) -> None:
    for path in ("/v22", "/v2x/models", "/pings", "/predict"):
        answer = client(tmp_path).get(path)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_refusal_is_heard_before_the_rest_of_the_body_is_read(tmp_path: Path) -> None:
    answer = client(tmp_path, max_body_bytes=4096).post(
        "/v2/models/spotify/infer", content=b" " * 9000
    )
    assert (answer.status_code, list(answer.json())) == (413, ["error"])
    parts: list[Any] = []

    async def send(message: Any) -> None:
        parts.append(message)

    async def gate(_: Any, __: Any, send: Any) -> None:
        await problem(413, "large")({"type": "http"}, None, send)  # type: ignore[arg-type]
        assert [part["type"] for part in parts] == ["http.response.start", "http.response.body"]

    async def more(_: Any, __: Any, send: Any) -> None:
        async def unended(message: Any) -> None:
            await send({**message, "more_body": True} if "body" in message else message)

        await gate(_, __, unended)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    asyncio.run(Dialects(more)({"type": "http", "path": "/v2"}, None, send))  # type: ignore[arg-type]
    assert [part.get("more_body") for part in parts] == [None, True, False]
    assert json.loads(parts[1]["body"]) == {"error": "large"}


def test_head_of_what_does_not_exist_has_no_body(tmp_path: Path) -> None:
    answer = client(tmp_path).head("/v2/nothing")
    assert (answer.status_code, answer.content) == (404, b"")
