"""Web pages: what a browser asks before a call, and what it lets a page read of the answer."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from serving.main import create_app
from tests.serving.asgi import Answer, ask
from tests.serving.conftest import settings_of

PAGE = ("Origin", "http://a.b")
HEADERS = "authorization,content-type,x-api-key,x-request-id,x-source,x-unit-id"
READABLE = {
    "X-Model-Name", "X-Model-Version", "X-Model-Alias", "X-Request-ID", "X-Prediction-ID",
    "X-Experiment", "X-Arm", "X-Fallback", "Retry-After",
}  # fmt: skip


def app(home: Path, **settings: Any) -> FastAPI:
    """The app, not started."""
    given = {"cors_origins": "http://a.b,http://c.d", **settings}
    return create_app(settings_of(home=home, log=False, **given))


def preflight(made: FastAPI, method: str, path: str = "/predict", page: Any = PAGE) -> Answer:
    asks = [("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", HEADERS)]
    return ask(made, "OPTIONS", path, [page, *asks])


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_browser_asks_without_a_key_and_without_being_counted(
    tmp_path: Path, method: str
) -> None:
    made = app(tmp_path, api_keys="one", admin_key="a", rate_limit=1, wrong_keys=1)
    for _ in range(3):
        answer = preflight(made, method, "/model")
        assert answer.status == 200
        assert answer.all("access-control-allow-origin") == ["http://a.b"]
        assert method in answer.all("access-control-allow-methods")[0]
        assert answer.all("access-control-allow-headers") == [HEADERS]
        assert answer.all("x-request-id")
        assert answer.all("x-content-type-options") == ["nosniff"]


def test_other_web_pages_may_not_call(tmp_path: Path) -> None:
    for made in (app(tmp_path), create_app(settings_of(home=tmp_path, log=False))):
        answer = preflight(made, "POST", page=("Origin", "http://other"))
        assert answer.status >= 400
        assert answer.all("access-control-allow-origin") == []
        assert ask(made, headers=[("Origin", "http://other")]).all(
            "access-control-allow-origin"
        ) == []  # fmt: skip


def refusals(home: Path) -> dict[int, Answer]:
    """An answer of each kind, as a web page's call gets it."""
    closed, open_ = app(home, api_keys="one", wrong_keys=1), app(home, rate_limit=6)
    key = [PAGE, ("X-API-Key", "wrong")]

    async def fails(_: Request) -> Response:
        raise RuntimeError

    open_.get("/fails")(fails)
    return {
        401: ask(closed, headers=key),
        413: ask(open_, headers=[PAGE, ("Content-Length", "99999")]),
        422: ask(open_, headers=[PAGE]),
        400: ask(open_, headers=[PAGE, ("Content-Length", "x")]),
        404: ask(open_, path="/nothing", headers=[PAGE]),
        405: ask(open_, "PATCH", headers=[PAGE]),
        500: ask(open_, "GET", "/fails", headers=[PAGE]),
        503: ask(open_, "GET", "/readyz", headers=[PAGE]),
        429: [ask(open_, headers=[PAGE]) for _ in range(2)][-1],
    }


def test_a_page_can_read_every_refusal(tmp_path: Path) -> None:
    for status, answer in refusals(tmp_path).items():
        assert answer.status == status
        assert answer.all("access-control-allow-origin") == ["http://a.b"], status
        assert set(answer.all("access-control-expose-headers")[0].split(", ")) == READABLE, status
        assert "Origin" in answer.all("vary")[0], status
        assert len(answer.all("x-request-id")) == 1, status
