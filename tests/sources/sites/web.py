"""A site on 127.0.0.1: pages by path, and what was asked for, by the server's clock."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple

from tests.servers import listening

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """What is answered.

    Attributes:
        body: The bytes, or the text in UTF-8.
        status: HTTP's.
        type: The content's.
        headers: Others.
        cut_at: Bytes after which the connection breaks though more were announced.
        held: Until when nothing is answered, at most ten seconds.
        drip: Seconds between two of its bytes.
    """

    body: str | bytes = b""
    status: int = 200
    type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    held: threading.Event | None = None
    drip: float = 0.0

    @property
    def raw(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else self.body.encode()


class Asked(NamedTuple):
    """A request: the path with its query, when it came, and its headers."""

    path: str
    at: float
    headers: Mapping[str, str]


Answers = Callable[[int], Reply]
"""An answer by how often the path was asked for before."""


class Web:
    """The site.

    Attributes:
        address: Its own.
        pages: Answers by path; what is not there is 404.
        asked: The requests, in order.
    """

    def __init__(self) -> None:
        self.address = ""
        self.pages: dict[str, Reply | Answers] = {}
        self.asked: list[Asked] = []
        self._change = threading.Lock()

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Note a request, and find its answer."""
        with self._change:
            before = self.times(path)
            self.asked.append(Asked(path, time.monotonic(), headers))
        found = self.pages.get(path, Reply("nothing", 404))
        return found if isinstance(found, Reply) else found(before)

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(one.path == path for one in self.asked)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [one.path for one in self.asked]


@contextmanager
def web() -> Iterator[Web]:
    """A site that has no page yet, until the block ends."""
    site = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(ConnectionError):
                self._send(site.reply(self.path, dict(self.headers)))

        def _send(self, reply: Reply) -> None:
            if reply.held is not None:
                reply.held.wait(10)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.type)
            self.send_header("Content-Length", str(len(reply.raw)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not reply.drip:
                self.wfile.write(reply.raw[: reply.cut_at])
            for byte in reply.raw if reply.drip else b"":
                self.wfile.write(bytes([byte]))
                time.sleep(reply.drip)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as site.address:
        yield site
