"""What callers see of a refusal over a real connection, from a real server."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.serving.conftest import Serve, Server

pytestmark = pytest.mark.slow
LARGE = b"x" * (3 * 2**20)


@pytest.fixture(params=["httptools", "h11"])
def server(request: pytest.FixtureRequest, tmp_path: Path, serve: Serve) -> Iterator[Server]:
    """An API without a model, behind a prefix, that takes bodies of 1 MiB for 2 s."""
    home = tmp_path / "home"
    home.mkdir()
    options = ("--http", request.param, "--root-path", "/api")
    limits = {"max_body_bytes": str(2**20), "body_seconds": "2"}
    with serve(home, *options, api_keys="one", cors_origins="http://a.b", **limits) as found:
        yield found


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as found:
        yield found


def everything(connection: socket.socket) -> bytes:
    """What arrives until the server closes."""
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


def head(path: str, *headers: str, method: str = "POST", version: str = "1.1") -> bytes:
    lines = [f"{method} {path} HTTP/{version}", "Host: x", *headers, "", ""]
    return "\r\n".join(lines).encode()


def code_of(answer: bytes) -> str:
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["code"])


def test_who_sends_the_whole_body_before_reading_reads_the_refusal(server: Server) -> None:
    for path, key, status in (
        ("/predict/batch", "one", 413), ("/predict", "one", 413), ("/predict", "wrong", 401),
        ("/nothing", "one", 404), ("/models", "one", 405),
    ):  # fmt: skip
        for more in ({}, {"Connection": "close"}):
            headers = {"X-API-Key": key, **more}
            plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            plain.request("POST", path, LARGE, headers)
            answer = plain.getresponse()
            assert (answer.status, json.loads(answer.read())["status"]) == (status, status)
            assert answer.headers["Connection"] == "close"
            plain.close()
        url = f"http://127.0.0.1:{server.port}{path}"
        key_alone = {"X-API-Key": key}
        assert requests.post(url, LARGE, headers=key_alone, timeout=20).status_code == status
        # In parts, of which nobody says how many there are.
        parts = (LARGE[start : start + 65536] for start in range(0, len(LARGE), 65536))
        assert requests.post(url, parts, headers=key_alone, timeout=20).status_code == status
        with connected(server) as raw:
            announced = f"Content-Length: {len(LARGE)}"
            raw.sendall(head(path, f"X-API-Key: {key}", announced) + LARGE)
            assert everything(raw).startswith(f"HTTP/1.1 {status} ".encode())


def test_who_sends_a_small_body_late_reads_the_refusal(server: Server) -> None:
    for announced in ("Connection: close", "Connection: keep-alive"):
        for version in ("1.0", "1.1"):
            with connected(server) as raw:
                size = "Content-Length: 10"
                raw.sendall(head("/predict", "X-API-Key: no", size, announced, version=version))
                time.sleep(0.3)
                for byte in b"0123456789":
                    raw.sendall(bytes([byte]))
                    time.sleep(0.01)
                found = raw.recv(65536)
                assert found.startswith(b"HTTP/1.1 401 ")


def test_who_waits_for_leave_to_send_is_told_at_once(server: Server) -> None:
    with connected(server) as raw:
        announced = "Content-Length: 3000000"
        raw.sendall(head("/predict", "X-API-Key: one", announced, "Expect: 100-continue"))
        found = raw.recv(65536)
        assert found.startswith(b"HTTP/1.1 413 ")
    with connected(server) as raw:
        raw.sendall(head("/predict", "X-API-Key: one", "Content-Length: 2", "Expect: 100-continue"))
        assert raw.recv(65536).startswith(b"HTTP/1.1 100 ")
        raw.sendall(b"{}")
        assert raw.recv(65536).startswith(b"HTTP/1.1 422 ")


def test_a_body_that_does_not_come_is_not_waited_for(server: Server) -> None:
    for announced in ("Content-Length: 50", "Content-Length: 50000", "Transfer-Encoding: chunked"):
        with connected(server) as raw:
            raw.sendall(head("/predict", "X-API-Key: one", announced) + b"1\r\n{\r\n")
            found = everything(raw)
            assert found.startswith(b"HTTP/1.1 408 ")
            assert code_of(found) == "timeout"


def test_old_and_odd_requests_are_answered_in_order(server: Server) -> None:
    with connected(server) as raw:
        raw.sendall(head("/livez", method="GET", version="1.0"))
        assert everything(raw).endswith(b'{"status":"alive"}')
    with connected(server) as raw:
        raw.sendall(head("/livez", "Connection: close", method="HEAD"))
        assert everything(raw).endswith(b"\r\n\r\n")
    with connected(server) as raw:
        both = ("Content-Length: 5", "Transfer-Encoding: chunked", "Connection: close")
        raw.sendall(head("/predict", "X-API-Key: one", *both) + b"0\r\n\r\n")
        assert everything(raw).startswith(b"HTTP/1.1 400 ")
    with connected(server) as raw:
        raw.sendall(head("//predict", "X-API-Key: one", "Connection: close"))
        assert code_of(everything(raw)) == "not-found"
    with connected(server) as raw:
        upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
        secret = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        raw.sendall(head("/predict", *upgrade, secret, method="GET"))
        assert raw.recv(65536).startswith(b"HTTP/1.1 403 ")
    with connected(server) as raw:
        asks = ("Origin: http://a.b", "Access-Control-Request-Method: POST", "Connection: close")
        raw.sendall(head("/predict", *asks, method="OPTIONS"))
        assert b"access-control-allow-origin: http://a.b" in everything(raw).lower()
    assert server.get("/livez")[0] == 200
    told = server.log.read_text()
    assert "Traceback" not in told
    assert "a request failed" not in told


def test_a_body_that_came_is_never_answered_with_a_closed_connection(server: Server) -> None:
    """Small bodies that a call has not read are the server's to drop; the connection stays."""
    plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for _ in range(3):
        plain.request("POST", "/predict", b"x" * 10_000, {"X-API-Key": "wrong"})
        answer = plain.getresponse()
        assert answer.status == 401
        assert answer.read()
        assert answer.headers["Connection"] != "close"
    plain.close()
