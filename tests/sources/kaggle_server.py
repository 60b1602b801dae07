"""A server on 127.0.0.1 that answers Kaggle's client as Kaggle does.

The client can be told to ask `http://localhost` (`KAGGLE_API_ENVIRONMENT=LOCALHOST`), but not which
port. This server is therefore its HTTP proxy, and answers for localhost itself.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import threading
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from hitcast.sources.kaggle.fetch import CHUNK

DATASET = "someone/tracks"
USER, KEY, TOKEN = "someone", "0123456789abcdef", "KGAT_0123456789abcdef"
DOWNLOAD = "/api/v1/datasets.DatasetApiService/DownloadDataset"
INTROSPECT = "/api/v1/security.OAuthService/IntrospectToken"
STORAGE = "/storage/"
WAYS = ["file", "zipped", "archive"]


def zipped(**files: bytes) -> bytes:
    """Zip the files; a `__` in a name stands for the dot before its ending."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


class KaggleServer:
    """Serves one dataset until told otherwise, as `storage.googleapis.com` does for Kaggle.

    Attributes:
        archive: What the whole dataset's download gives; its members are the dataset's files.
        gives: How a single file comes: `file` as it is, `zipped` by itself, or `archive`: not at
            all (404), only the whole archive.
        resumable: Whether the storage gives ranges, and says which version a file is.
        checksum: When set, the MD5 that the storage names instead of the true one; empty: none.
        cut_offs: How many downloads are cut off in the middle before one is whole.
        stall_seconds: How long a cut-off connection stays open and silent first.
        outlasted: How often a client was still there after that.
        silent: Paths that are never answered.
        announced: Content-Length to announce instead of the body's own.
        status: When set, every download is answered with it.
        storage_status: When set, the storage that downloads are sent on to answers with it.
        stored_as: When set, the encoding in which the storage says to keep what it gives plain.
        range_failures: How often a range, and what is asked for right after it, is answered 503.
        failure_is_whole: Whether the page that comes with it is whole.
        newest_client: When set, the client is told that there is this newer version of it.
        halfway: Called when half of a body has been sent.
        paths: Paths asked for, in order.
        bodies: Name and Range of each body that was read, in order.
    """

    def __init__(self, archive: bytes) -> None:
        self.archive = archive
        self.gives = "file"
        self.resumable = True
        self.checksum: str | None = None
        self.cut_offs = 0
        self.stall_seconds = 0.0
        self.outlasted = 0
        self.silent: set[str] = set()
        self.announced: int | None = None
        self.status: int | None = None
        self.storage_status: int | None = None
        self.stored_as: str | None = None
        self.range_failures = 0
        self.failure_is_whole = True
        self.newest_client: str | None = None
        self.halfway: Callable[[], None] | None = None
        self.paths: list[str] = []
        self.bodies: list[tuple[str, str]] = []
        self.half_sent = False
        self.failing = False
        self.closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """The server's address, to be set as `HTTP_PROXY`."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def downloads(self) -> int:
        """How often a body was read."""
        return len(self.bodies)

    def body(self, name: str) -> bytes | None:
        """What the storage has under that name; None if Kaggle does not give it."""
        if name == "archive.zip":
            return self.archive
        if self.gives == "archive" or not zipfile.is_zipfile(io.BytesIO(self.archive)):
            return None
        with zipfile.ZipFile(io.BytesIO(self.archive)) as bundle:
            if name not in bundle.namelist():
                return None
            content = bundle.read(name)
        if self.gives == "file":
            return content
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(zipfile.ZipInfo(name.rpartition("/")[2]), content)
        return buffer.getvalue()

    def __enter__(self) -> KaggleServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _handler_for(server: KaggleServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            path = urlsplit(self.path).path
            server.paths.append(path)
            if path in server.silent:
                server.closing.wait(60)
            elif path == INTROSPECT:
                self._json(200, {"active": body["token"] == TOKEN, "username": USER})
            elif path != DOWNLOAD:
                self._json(404, {"code": 404, "message": f"No such call: {path}"})
            elif server.status is not None:
                self._json(server.status, {"code": server.status, "message": "As the test says"})
            elif not self._is_signed():
                self._json(401, {"code": 401, "message": "Unauthenticated"})
            else:
                self._send_on(f"{body['ownerSlug']}/{body['datasetSlug']}", body.get("fileName"))

        def _send_on(self, dataset: str, file: str | None) -> None:
            name = file or "archive.zip"
            if dataset != DATASET or server.body(name) is None:
                self._json(404, {"code": 404, "message": "Not found"})
                return
            where = f"http://localhost{STORAGE}{quote(name, safe='')}?signature=secret"
            self.send_response(302)
            self.send_header("Location", f"{where}&name={quote(name, safe='')}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            server.paths.append(address.path)
            name = parse_qs(address.query)["name"][0]
            body = server.body(name)
            span = self.headers["Range"]
            if self._fails(span):
                self._send_trouble(server.storage_status or 503)
            elif body is not None:
                self._send(name, body, span)

        def _fails(self, span: str | None) -> bool:
            if span is not None and server.range_failures:
                server.range_failures -= 1
                server.failing, server.half_sent = True, False
                return True
            was, server.failing = server.failing, False
            return was or server.storage_status is not None

        def _send_trouble(self, status: int) -> None:
            page = b"<html>Some trouble</html>" * 8000
            self.send_response(status)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(page if server.failure_is_whole else page[:-1])

        def _send(self, name: str, body: bytes, span: str | None) -> None:
            etag = f'"{hashlib.md5(body).hexdigest()}"'
            start = 0
            if server.resumable and span is not None and self.headers["If-Range"] == etag:
                start = int(span.removeprefix("bytes=").removesuffix("-"))
            rest = body[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", "application/zip")
            if server.newest_client is not None:
                self.send_header("X-Kaggle-ApiVersion", server.newest_client)
            if server.resumable:
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("ETag", etag)
            if server.stored_as is not None:
                self.send_header("X-Goog-Stored-Content-Encoding", server.stored_as)
            self.send_header("X-Goog-Hash", "crc32c=AAAAAA==")
            if server.checksum != "":
                md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
                self.send_header("X-Goog-Hash", f"md5={server.checksum or md5}")
            self.send_header("Content-Length", str(server.announced or len(rest)))
            self.end_headers()
            # The client may hang up first: that is what some tests are about.
            with contextlib.suppress(ConnectionError):
                if self._is_read(span):
                    server.bodies.append((name, span or ""))
                    self._write_in_halves(rest)
                else:
                    self.wfile.write(rest)

        def _is_read(self, span: str | None) -> bool:
            """Tell answers that are read from those of which the client only wants to know.

            The first is where the client is sent on to; and with a part on the disk, it asks
            for the whole to learn its version, then for the rest.
            """
            plain = self.headers["Accept-Encoding"] == "identity"
            return plain and (span is not None or not server.half_sent)

        def _write_in_halves(self, body: bytes) -> None:
            self.wfile.write(body[: len(body) // 2])
            if server.halfway:
                server.halfway()
            if server.cut_offs:
                server.cut_offs -= 1
                server.half_sent = server.resumable and len(body) // 2 >= CHUNK
                if server.stall_seconds and not server.closing.wait(server.stall_seconds):
                    server.outlasted += 1
                return
            self.wfile.write(body[len(body) // 2 :])
            server.half_sent = False

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
