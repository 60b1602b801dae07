"""The key that the studio gets where it is started together with the API."""

import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.main import create_app
from tests.conftest import ROOT
from tests.serving.conftest import settings_of

studio_key: Callable[[Mapping[str, str]], tuple[str, dict[str, str]]]
studio_key = runpy.run_path(str(ROOT / "frontend/__main__.py"))["studio_key"]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, ""),
        ({"HITCAST_API_KEYS": "one,two", "HITCAST_ADMIN_KEY": "a"}, "one"),
        ({"HITCAST_API_KEY": "mine", "HITCAST_ADMIN_KEY": "a"}, "mine"),
    ],
)
def test_a_key_that_is_set_is_the_studios(given: dict[str, str], key: str) -> None:
    assert studio_key(given) == (key, {})


@pytest.mark.parametrize("known", ["", "other"])
def test_with_an_admin_key_alone_the_studio_may_compare_versions(
    tmp_path: Path, known: str
) -> None:
    given = {"HITCAST_ADMIN_KEY": "a", "HITCAST_VERSION_KEYS": known}
    key, told = studio_key(given)
    assert studio_key(given)[0] != key, "another one for each run"
    settings: dict[str, Any] = {"version_keys": told["HITCAST_VERSION_KEYS"], "admin_key": "a"}
    asked = TestClient(create_app(settings_of(home=tmp_path, log=False, **settings)))

    def status(path: str, key: str) -> int:
        return asked.get(path, headers={"X-API-Key": key}).status_code

    # 503: it is let in, and nobody has looked which versions there are.
    assert status("/profiles?version=9", key) == 503
    assert status("/profiles?version=9", "wrong") == 401
    assert not known or status("/profiles?version=9", known) == 503
    assert asked.put("/model", headers={"X-API-Key": key}).status_code == 401
