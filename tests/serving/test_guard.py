from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from serving.access import Keys
from serving.guard import Guard, TooLargeError, read_body
from tests.serving.conftest import settings_of


def guarded(**settings: Any) -> TestClient:
    """The guard around an app that answers with the size of the body."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await read_body(Request(scope, receive), 2048)
            answer = Response(str(len(body)))
        except TooLargeError as error:
            answer = Response(str(error), 413)
        await answer(scope, receive, send)

    given = settings_of(**settings)
    return TestClient(Guard(app, given, Keys(given)))


def test_too_large_a_body_is_refused_whether_or_not_its_size_was_told() -> None:
    client = guarded(max_body_bytes=2048)

    def parts() -> Iterator[bytes]:
        yield from [b"x" * 1000] * 3

    assert client.post("/predict", content=b"x" * 2048).text == "2048"
    assert client.post("/predict", content=b"x" * 2049).status_code == 413
    assert client.post("/predict", content=parts()).status_code == 413
    assert client.post("/predict", headers={"Content-Length": "-5"}).status_code == 400


def test_a_caller_who_asks_too_often_has_to_wait() -> None:
    client = guarded(rate_limit=2)
    assert [client.post("/predict").status_code for _ in range(3)] == [200, 200, 429]
    assert 1 <= int(client.post("/predict").headers["Retry-After"]) <= 61
    assert client.get("/livez").status_code == 200


def test_what_a_browser_asks_first_is_not_counted() -> None:
    client = guarded(rate_limit=1)
    first = {"Access-Control-Request-Method": "POST"}
    statuses = [client.options("/predict", headers=first).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]
    assert [client.options("/predict").status_code for _ in range(2)] == [200, 429]


def test_a_caller_who_makes_up_keys_is_still_one_caller() -> None:
    client = guarded(rate_limit=2, api_keys="one")
    keys = ("a", "b", "c")
    statuses = [client.post("/predict", headers={"X-API-Key": key}).status_code for key in keys]
    assert statuses == [200, 200, 429]
    assert client.post("/predict", headers={"X-API-Key": "one"}).status_code == 200


def test_every_answer_has_an_id_and_the_security_headers() -> None:
    client = guarded()
    answer = client.post("/predict", headers={"X-Request-ID": "my-id"})
    assert answer.headers["X-Request-ID"] == "my-id"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    other = client.post("/predict", headers={"X-Request-ID": "two words"})
    assert len(other.headers["X-Request-ID"]) == 32
    refused = guarded(max_body_bytes=2048).post("/predict", content=b"x" * 2049)
    assert "X-Request-ID" in refused.headers


def test_what_is_refused_is_logged_but_not_that_a_probe_finds_it_unready(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def unready(scope: Any, receive: Any, send: Any) -> None:
        await Response(status_code=503)(scope, receive, send)

    client = TestClient(Guard(unready, settings_of(), Keys(settings_of())))
    with caplog.at_level("INFO", logger="hitcast.serving"):
        assert [client.get(path).status_code for path in ("/readyz", "/predict")] == [503, 503]
    told = [record for record in caplog.records if record.message == "not answered"]
    assert [record.path for record in told] == ["/predict"]  # type: ignore[attr-defined]


def test_other_web_pages_may_not_call(client: TestClient) -> None:
    answer = client.options(
        "/predict", headers={"Origin": "http://a.b", "Access-Control-Request-Method": "POST"}
    )
    assert "access-control-allow-origin" not in answer.headers


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITCAST_API_KEYS", "one,two")
    monkeypatch.setenv("HITCAST_ADMIN_KEY", "secret")
    settings = settings_of()
    assert settings.api_keys == ("one", "two")
    assert settings.host == "127.0.0.1"
    assert "secret" not in repr(settings)
