"""Databricks' real client against a local server that gives tokens, as in an app there."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from client import Client
from refusals import KeyRefusedError
from tests.servers import listening
from tests.workspace import Workspace, workspace


@pytest.fixture
def databricks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace, and the variables that Databricks gives to an app in it."""
    with workspace(tmp_path) as found:
        monkeypatch.setenv("DATABRICKS_HOST", found.url)
        monkeypatch.setenv("DATABRICKS_CLIENT_ID", found.client[0])
        monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", found.client[1])
        monkeypatch.setenv("HITCAST_API_SIGN_IN", "databricks")
        yield found


@pytest.fixture
def guarded() -> Iterator[tuple[str, list[str]]]:
    """An API that keeps what callers signed with."""
    signed: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            signed.append(self.headers.get("Authorization") or "")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as url:
        yield url, signed


def test_each_call_carries_the_apps_token_which_is_fetched_once(
    databricks: Workspace, guarded: tuple[str, list[str]]
) -> None:
    url, signed = guarded
    client = Client(url)
    client.models()
    client.models()
    assert signed == ["Bearer token-1"] * 2
    assert databricks.tokens == 1


def test_without_the_variable_nothing_is_signed(
    databricks: Workspace, guarded: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HITCAST_API_SIGN_IN")
    Client(guarded[0]).models()
    assert guarded[1] == [""]
    assert databricks.tokens == 0


def test_a_refused_app_is_told_what_databricks_said(
    databricks: Workspace, guarded: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", "wrong")
    with pytest.raises(KeyRefusedError, match="token from Databricks .* invalid_client"):
        Client(guarded[0]).models()
    assert databricks.tokens == 0
    assert guarded[1] == []


def test_the_address_of_the_apis_app_is_asked_by_its_name_and_once(
    databricks: Workspace, guarded: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # All that Databricks tells an app of another (`value_from`) is its name.
    databricks.apps["hitcast-api-dev"] = guarded[0] + "/"
    monkeypatch.setenv("HITCAST_API_APP", "hitcast-api-dev")
    monkeypatch.delenv("HITCAST_API_URL", raising=False)
    client = Client()
    client.models()
    client.models()
    assert client.url == guarded[0]
    assert guarded[1] == ["Bearer token-1"] * 2
    assert databricks.asked_for_apps == 1


def test_an_address_that_is_given_goes_before_the_apps(
    databricks: Workspace, guarded: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITCAST_API_APP", "hitcast-api-dev")
    monkeypatch.setenv("HITCAST_API_URL", guarded[0])
    Client().models()
    assert databricks.asked_for_apps == 0


@pytest.mark.parametrize("address", [None, ""])
def test_an_app_that_is_not_there_or_was_never_started_is_told_and_asked_for_again(
    databricks: Workspace,
    guarded: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    address: str | None,
) -> None:
    if address is not None:
        databricks.apps["hitcast-api-dev"] = address
    monkeypatch.setenv("HITCAST_API_APP", "hitcast-api-dev")
    monkeypatch.delenv("HITCAST_API_URL", raising=False)
    client = Client()
    with pytest.raises(KeyRefusedError, match="address of the app hitcast-api-dev from Databricks"):
        client.models()
    databricks.apps["hitcast-api-dev"] = guarded[0]
    client.models()
    assert guarded[1] == ["Bearer token-1"]
