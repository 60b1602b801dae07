"""What stands in for a Databricks workspace: a local server that speaks the few calls we make."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers import listening
from tests.serving_endpoints import ENDPOINTS, INVOCATIONS, ServingEndpoints
from tests.unity_catalog import FILES, MODELS, UnityCatalog

APPS = "/api/2.0/apps/"
TOKEN = "token-1"
"""What calls are signed with."""


class Workspace:
    """A workspace with secrets and a service principal.

    Attributes:
        url: Its address.
        secrets: Values by scope and key.
        client: Id and secret of the service principal that gets tokens.
        tokens: How many tokens it has given.
        asked_for_apps: How often somebody asked for an app.
        catalog: Its registered models.
        serving: Its serving endpoints.
        apps: The addresses of its apps, by name.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.secrets: dict[tuple[str, str], str] = {}
        self.client = ("studio", "s3cret")
        self.tokens = 0
        self.catalog = UnityCatalog(folder)
        self.serving = ServingEndpoints(folder)
        self.apps: dict[str, str] = {}
        self.asked_for_apps = 0

    def answer(
        self, method: str, path: str, given: dict[str, Any], body: bytes, signed: str
    ) -> tuple[int, Any]:
        """Status and body of a call; `given` are its parameters, by JSON or in the address."""
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
            return 200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600}
        if signed != f"Bearer {TOKEN}":
            return 401, {"error_code": "UNAUTHENTICATED", "message": "who are you?"}
        if path == "/api/2.0/secrets/get":
            place = (given["scope"], given["key"])
            if place in self.secrets:
                value = base64.b64encode(self.secrets[place].encode()).decode()
                return 200, {"key": place[1], "value": value}
            told = f"Secret does not exist with scope: {place[0]} and key: {place[1]}"
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": told}
        if path.startswith(APPS):
            self.asked_for_apps += 1
            name = path.removeprefix(APPS)
            if name in self.apps:
                return 200, {"name": name, "url": self.apps[name]}
            told = f"App with name {name} does not exist or is deleted."
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": told}
        if path.startswith((FILES, MODELS, MODELS.rstrip("/"))):
            return self.catalog.answer(method, path, given, body)
        if path.startswith((ENDPOINTS, INVOCATIONS)):
            return self.serving.answer(method, path, given)
        return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"no API at {path}"}


@contextmanager
def workspace(folder: Path) -> Iterator[Workspace]:
    """Run such a workspace until the block ends; `folder` keeps its files."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given: dict[str, Any] = dict(parse_qsl(parts.query))
            if "json" in (self.headers.get("Content-Type") or ""):
                given |= json.loads(body or b"{}")
            signed = self.headers.get("Authorization") or ""
            path = unquote(parts.path)
            status, answer = found.answer(self.command, path, given, body, signed)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD" and status != 204:
                self.wfile.write(content)

        # The library calls each by the name of its method.
        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as url:
        found = Workspace(url, folder)
        yield found
