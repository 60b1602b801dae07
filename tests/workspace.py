"""What stands in for a Databricks workspace: a local server that speaks the few calls we make."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Workspace:
    """A workspace with secrets and a service principal.

    Attributes:
        url: Its address.
        secrets: Values by scope and key.
        client: Id and secret of the service principal that gets tokens.
        tokens: How many tokens it has given.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.secrets: dict[tuple[str, str], str] = {}
        self.client = ("studio", "s3cret")
        self.tokens = 0

    def answer(self, path: str, query: dict[str, list[str]], signed: str) -> tuple[int, Any]:
        """Status and body of a call."""
        if path == "/.well-known/databricks-config":
            return 200, {"oidc_endpoint": f"{self.url}/oidc", "workspace_id": "1"}
        if path == "/oidc/.well-known/oauth-authorization-server":
            found = {"authorization_endpoint": f"{self.url}/oidc/v1/authorize"}
            return 200, found | {"token_endpoint": f"{self.url}/oidc/v1/token"}
        if path == "/oidc/v1/token":
            basic = base64.b64encode(":".join(self.client).encode()).decode()
            if signed != f"Basic {basic}":
                return 401, {"error": "invalid_client", "error_description": "unknown client"}
            self.tokens += 1
            return 200, {"access_token": "token-1", "token_type": "Bearer", "expires_in": 3600}
        if path == "/api/2.0/secrets/get" and signed == "Bearer token-1":
            place = (query["scope"][0], query["key"][0])
            if place in self.secrets:
                value = base64.b64encode(self.secrets[place].encode()).decode()
                return 200, {"key": place[1], "value": value}
            told = f"Secret does not exist with scope: {place[0]} and key: {place[1]}"
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": told}
        return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"no API at {path}"}


@contextmanager
def workspace() -> Iterator[Workspace]:
    """Run such a workspace until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer()

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            signed = self.headers.get("Authorization") or ""
            status, body = found.answer(parts.path, parse_qs(parts.query), signed)
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = Workspace(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
