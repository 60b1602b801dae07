"""Calls of an endpoint, against a server that answers what it is told to."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import pytest

from hitcast.errors import EndpointError
from hitcast.exploring.endpoint.client import Endpoint

ROWS = [{"pages": 1}, {"pages": 2}]
SCORED = [{"sells": 1, "probability": 0.75}, {"sells": 0, "probability": 0.25}]


class Stub:
    """A server with one answer; it keeps the last request."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps({"predictions": SCORED})
        self.path = ""
        self.headers: dict[str, str] = {}
        self.asked: object = None
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                stub.path, stub.headers = self.path, dict(self.headers)
                stub.asked = json.loads(self.rfile.read(size))
                self.send_response(stub.status)
                self.end_headers()
                self.wfile.write(stub.body.encode())

            def log_message(self, *_: object) -> None:
                return None

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    thread = threading.Thread(target=stub.server.serve_forever)
    thread.start()
    yield stub
    stub.server.shutdown()
    thread.join()
    stub.server.server_close()


def test_the_api_gets_a_batch_with_its_key(stub: Stub) -> None:
    found = Endpoint(stub.url, key="secret").score(ROWS)
    assert (stub.path, stub.asked) == ("/predict/batch", {"instances": ROWS})
    assert stub.headers["X-API-Key"] == "secret"
    assert stub.headers["X-Source"] == "notebook"
    pd.testing.assert_frame_equal(found, pd.DataFrame(SCORED))


def test_invocations_get_records_and_a_bearer_token(stub: Stub) -> None:
    endpoint = Endpoint(f"{stub.url}/invocations", "invocations", "secret")
    pd.testing.assert_frame_equal(endpoint.score(ROWS), pd.DataFrame(SCORED))
    assert (stub.path, stub.asked) == ("/invocations", {"dataframe_records": ROWS})
    assert stub.headers["Authorization"] == "Bearer secret"
    assert endpoint.ask(ROWS[0]) == SCORED[0]


def test_one_row_is_asked_about_shortly_or_in_detail(stub: Stub) -> None:
    stub.body = json.dumps({"sells": 1})
    assert Endpoint(stub.url + "/").ask(ROWS[0]) == {"sells": 1}
    assert (stub.path, stub.asked) == ("/predict", ROWS[0])
    Endpoint(stub.url).ask(ROWS[0], detail=True)
    assert stub.path == "/predict?detail=true"


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, "", "to take the key, got status 401; set the widget key"),
        (
            422,
            '{"detail": [{"field": "pages", "message": "too few"}]}',
            "got status 422: pages: too few",
        ),
        (400, '{"message": "no such column"}', "got status 400: no such column"),
        (500, "<html>", "got status 500: <html>"),
        (200, "hello", "expected JSON from .*, got 'hello'"),
        (200, '{"predictions": []}', "expected 2 answers from .*, got 0"),
    ],
)
def test_what_goes_wrong_is_told_in_one_line(stub: Stub, status: int, body: str, told: str) -> None:
    stub.status, stub.body = status, body
    with pytest.raises(EndpointError, match=told):
        Endpoint(stub.url).score(ROWS)


@pytest.mark.parametrize(("url", "kind"), [("127.0.0.1:8000", "api"), ("http://x", "grpc")])
def test_addresses_and_kinds_are_checked(url: str, kind: str) -> None:
    with pytest.raises(EndpointError, match="expected an address .* set the widgets url and kind"):
        Endpoint(url, kind)


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(Endpoint("http://x", key="secret"))
