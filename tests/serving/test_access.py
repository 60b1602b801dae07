"""Who may make which call: of the whole app, over its routes, without a model."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Header, Request, Response
from starlette.testclient import TestClient

from serving.access import Access, AccessRoute, DirectRoute, close
from serving.main import create_app
from tests.serving.conftest import settings_of

OPEN = {"/livez", "/readyz", "/ping", "/health", "/v2/health/live", "/v2/health/ready"}
PAGES = {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}


def app(home: Path, **settings: Any) -> FastAPI:
    """The app, not started: no model, no poller."""
    return create_app(settings_of(home=home, log=False, **settings))


def client(home: Path, root_path: str = "", **settings: Any) -> TestClient:
    return TestClient(app(home, **settings), root_path=root_path, raise_server_exceptions=False)


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_admin_calls_are_off_without_an_admin_key_behind_a_prefix_too(
    tmp_path: Path, prefix: str
) -> None:
    # As `uvicorn --root-path /api` behind a proxy that strips the prefix, or one that does not.
    for path in ("/model", f"{prefix}/model"):
        answer = client(tmp_path, prefix).put(path, headers={"X-API-Key": "anything"})
        assert answer.status_code == 403
        assert "HITCAST_ADMIN_KEY" in answer.json()["detail"]


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(
    ("headers", "predict", "switch"),
    [
        ({}, 401, 401),
        ({"X-API-Key": "wrong"}, 401, 401),
        ({"X-API-Key": ""}, 401, 401),
        ({"X-API-Key": "one"}, 422, 403),
        ({"Authorization": "Bearer two"}, 422, 403),
        ({"Authorization": "Basic two"}, 401, 401),
        ({"X-API-Key": "wrong", "Authorization": "Bearer two"}, 401, 401),
        ({"X-API-Key": "", "Authorization": "Bearer two"}, 422, 403),
        ({"X-API-Key": "a"}, 422, 422),
        ({"Authorization": "bearer a"}, 422, 422),
    ],
)
def test_keys_are_asked_for_where_they_are_set(
    tmp_path: Path, prefix: str, headers: dict[str, str], predict: int, switch: int
) -> None:
    asked = client(tmp_path, prefix, api_keys="one, two", admin_key="a")
    # What a good key leads to is a refusal of the body: 422.
    answer = asked.post(f"{prefix}/predict", content=b"{", headers=headers)
    assert answer.status_code == predict
    if predict == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert asked.put(f"{prefix}/model", content=b"{", headers=headers).status_code == switch


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_every_route_but_the_probes_and_the_pages_needs_a_key(tmp_path: Path, prefix: str) -> None:
    made = app(tmp_path, api_keys="one", admin_key="a")
    asked = TestClient(made, root_path=prefix, raise_server_exceptions=False)
    seen = set()
    for route in made.routes:
        path: str = getattr(route, "path")  # noqa: B009 - not every kind of route has one
        for method in getattr(route, "methods", None) or ():
            status = asked.request(method, prefix + path.replace("{genre}", "pop")).status_code
            assert (status == 401) == (path not in OPEN | PAGES), (method, path, status)
            seen.add(path)
    assert {"/predict", "/predict/batch", "/model", "/models", "/metrics"} <= seen
    assert seen >= OPEN


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/model"])
def test_a_key_is_checked_before_the_body_is_read(tmp_path: Path, path: str) -> None:
    method = b"PUT" if path == "/model" else b"POST"
    scope = {
        "type": "http", "method": method.decode(), "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"content-type", b"application/json")],
        "http_version": "1.1", "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1),
    }  # fmt: skip
    sent: list[Any] = []

    async def never() -> Any:
        raise AssertionError("the body was asked for")

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(tmp_path, api_keys="one", admin_key="a")(scope, never, send))
    assert sent[0]["status"] == 401


def test_openapi_tells_which_call_needs_which_key(tmp_path: Path) -> None:
    described = client(tmp_path, api_keys="one").get("/openapi.json").json()
    schemes = described["components"]["securitySchemes"]
    assert schemes["X-API-Key"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert schemes["Bearer"] == {"type": "http", "scheme": "bearer"}
    either: list[dict[str, list[str]]] = [{"X-API-Key": []}, {"Bearer": []}]
    assert described["paths"]["/model"]["put"]["security"] == either
    assert described["paths"]["/predict"]["post"]["security"] == [*either, {}]
    assert "security" not in described["paths"]["/livez"]["get"]


def test_a_route_that_would_be_open_by_mistake_is_refused(tmp_path: Path) -> None:
    made = app(tmp_path)

    async def leak(_: Request) -> Response:
        return Response("secret")

    made.router.add_route("/leak", leak)
    with pytest.raises(TypeError, match="expected an AccessRoute at /leak"):
        close(made)


async def plain(request: Request, detail: bool = False) -> Response:
    return Response(f"{request} {detail}")


async def with_header(request: Request, x_unit_id: Annotated[str, Header()] = "") -> Response:
    return Response(f"{request} {x_unit_id}")


async def with_dependency(request: Request, found: Annotated[str, Depends(lambda: "")]) -> Response:
    return Response(f"{request} {found}")


async def with_required_query(request: Request, name: str) -> Response:
    return Response(f"{request} {name}")


async def with_response(request: Request, response: Response) -> Response:
    return Response(f"{request} {response}")


def test_a_direct_route_takes_optional_queries_alone() -> None:
    assert DirectRoute("/plain", plain).access is Access.KEY
    for endpoint in (with_header, with_dependency, with_required_query, with_response):
        with pytest.raises(TypeError, match="declare it as an AccessRoute"):
            DirectRoute("/x", endpoint)
        assert AccessRoute("/x", endpoint).access is Access.KEY
