"""A server on 127.0.0.1 that answers Kaggle's client as Kaggle does.

The client can be told to ask `http://localhost` (`KAGGLE_API_ENVIRONMENT=LOCALHOST`), but not which
port. This server is therefore its HTTP proxy, and answers for localhost itself.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import threading
import time
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

DATASET = "someone/tracks"
USER, KEY, TOKEN = "someone", "0123456789abcdef", "KGAT_0123456789abcdef"
DOWNLOAD = "/api/v1/datasets.DatasetApiService/DownloadDataset"
INTROSPECT = "/api/v1/security.OAuthService/IntrospectToken"
STORAGE = "/storage/archive.zip"


def zipped(**files: bytes) -> bytes:
    """Zip the files; a `__` in a name stands for the dot before its ending."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


class KaggleServer:
    """Serves one dataset's archive until told otherwise.

    Attributes:
        archive: What the dataset's download gives.
        cut_offs: How many downloads are cut off in the middle before one is whole.
        stall_seconds: How long a cut-off connection stays open and silent first.
        announced: Content-Length to announce instead of the archive's own.
        status: When set, every download is answered with it.
        storage_status: When set, the storage that downloads are sent on to answers with it.
        newest_client: When set, the client is told that there is this newer version of it.
        halfway: Called when half the archive has been sent.
        paths: Paths asked for, in order.
    """

    def __init__(self, archive: bytes) -> None:
        self.archive = archive
        self.cut_offs = 0
        self.stall_seconds = 0.0
        self.announced: int | None = None
        self.status: int | None = None
        self.storage_status: int | None = None
        self.newest_client: str | None = None
        self.halfway: Callable[[], None] | None = None
        self.paths: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """The server's address, to be set as `HTTP_PROXY`."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def downloads(self) -> int:
        """How often the archive was asked for."""
        return self.paths.count(STORAGE)

    def __enter__(self) -> KaggleServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _handler_for(server: KaggleServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            path = urlsplit(self.path).path
            server.paths.append(path)
            if path == INTROSPECT:
                self._json(200, {"active": body["token"] == TOKEN, "username": USER})
            elif path != DOWNLOAD:
                self._json(404, {"code": 404, "message": f"No such call: {path}"})
            elif server.status is not None:
                self._json(server.status, {"code": server.status, "message": "As the test says"})
            elif not self._is_signed():
                self._json(401, {"code": 401, "message": "Unauthenticated"})
            elif f"{body['ownerSlug']}/{body['datasetSlug']}" != DATASET:
                self._json(404, {"code": 404, "message": "Not found"})
            else:
                self.send_response(302)
                self.send_header("Location", f"http://localhost{STORAGE}?signature=secret")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def do_GET(self) -> None:
            server.paths.append(urlsplit(self.path).path)
            if server.storage_status is not None:
                self.send_error(server.storage_status)
                return
            half = len(server.archive) // 2
            self.send_response(200)
            self.send_header("Content-Type", "application/zip")
            if server.newest_client is not None:
                self.send_header("X-Kaggle-ApiVersion", server.newest_client)
            self.send_header("Content-Length", str(server.announced or len(server.archive)))
            self.end_headers()
            # The client may hang up first: that is what some tests are about.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(server.archive[:half])
                if server.halfway:
                    server.halfway()
                if server.cut_offs:
                    server.cut_offs -= 1
                    time.sleep(server.stall_seconds)
                    return
                self.wfile.write(server.archive[half:])

        def _is_signed(self) -> bool:
            basic = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
            return self.headers["Authorization"] in (f"Basic {basic}", f"Bearer {TOKEN}")

        def _json(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the server's own lines out of what the tests read on stderr."""

    return Handler


def noise(size: int) -> bytes:
    """Bytes that zip can't make smaller."""
    return os.urandom(size)
