"""Who may name another version than the one that answers: of the whole app, without a model."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from serving.access import NAMES, AccessRoute
from serving.main import create_app
from serving.versions.default import Standing
from tests.serving.asgi import ask
from tests.serving.conftest import settings_of

ROUTES = {"/predict", "/predict/batch", "/explain", "/similar", "/profiles"}


def app(home: Path, alias: str | None = "production", **settings: Any) -> FastAPI:
    """The app with version 7 in its place, which has nothing of a model but its number."""
    made = create_app(settings_of(home=home, log=False, **settings))
    served = cast(Any, SimpleNamespace(number=7, info=SimpleNamespace(place="7")))
    made.state.api.switch._default.standing = Standing(served, alias)
    return made


def refused(made: FastAPI, path: str, key: str = "", **scope: Any) -> bool:
    """Whether a key is asked for, and no part of the body was read before."""
    method = "GET" if "/profiles" in path else "POST"
    headers = [("X-API-Key", key)] if key else []
    answer = ask(made, method, path, headers, (b"x", b"y"), **scope)
    assert answer.status != 401 or (b'"code": "key-' in answer.body and answer.unread == 2)
    return answer.status == 401


def test_these_are_the_routes_that_name_a_version(tmp_path: Path) -> None:
    found = {
        route.path
        for route in app(tmp_path).routes
        if isinstance(route, AccessRoute)
        and NAMES & {p.name for p in (*route.dependant.query_params, *route.dependant.path_params)}
    }
    assert found >= ROUTES


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize("path", sorted(ROUTES))
@pytest.mark.parametrize(
    "query",
    [
        "version=8", "alias=staging", "%76ersion=8", "detail=true&version=8", "version=7&version=8",
        "version=8&version=7", "alias=production&version=8", "version=", "alias=None",
    ],
)  # fmt: skip
def test_naming_another_version_needs_a_key(
    tmp_path: Path, path: str, query: str, prefix: str
) -> None:
    made = app(tmp_path, admin_key="a", version_keys="named")
    asked = f"{prefix}{path}?{query}"
    assert refused(made, asked, root_path=prefix)
    assert refused(made, asked, key="wrong", root_path=prefix)


@pytest.mark.parametrize("key", ["a", "named"])
def test_a_valid_key_names_any_version(tmp_path: Path, key: str) -> None:
    made = app(tmp_path, admin_key="a", version_keys="named")
    assert not refused(made, "/predict?version=8", key=key)


@pytest.mark.parametrize(
    "query", ["", "version=7", "alias=production", "alias=production&version=7", "detail=true"]
)
def test_naming_what_answers_anyway_is_free(tmp_path: Path, query: str) -> None:
    made = app(tmp_path, admin_key="a")
    for path in ROUTES:
        assert not refused(made, f"{path}?{query}")


def test_an_alias_that_nothing_answers_by_is_not_free(tmp_path: Path) -> None:
    made = app(tmp_path, alias=None, admin_key="a")
    assert refused(made, "/predict?alias=None")
    assert refused(made, "/predict?alias=production")
    assert not refused(made, "/predict?version=7")


def test_before_anything_answers_what_was_selected_is_free(tmp_path: Path) -> None:
    made = create_app(settings_of(home=tmp_path, log=False, admin_key="a"))
    assert not refused(made, "/predict?alias=production")
    assert refused(made, "/predict?version=1")


def test_where_no_key_is_set_any_version_may_be_named(tmp_path: Path) -> None:
    for path in ROUTES:
        assert not refused(app(tmp_path), f"{path}?version=8")


def test_keys_for_versions_open_nothing_else(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys="one", version_keys="named")
    assert refused(made, "/predict", key="named")
    assert refused(made, "/predict?version=8", key="named")
    assert not refused(made, "/predict?version=8", key="one")
    assert TestClient(made).put("/model", headers={"X-API-Key": "named"}).status_code == 403


def test_guessing_a_key_by_naming_versions_is_counted_too(tmp_path: Path) -> None:
    made = app(tmp_path, admin_key="a", wrong_keys=2)
    headers = [("X-API-Key", "guess")]
    found = [ask(made, path="/predict?version=8", headers=headers).status for _ in range(3)]
    assert found == [401, 401, 429]
