"""The gate: request ids, limits and headers, before any body is read. Keys: see `access`."""

import logging
import re
import time
import uuid

from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access import Keys
from serving.responses import problem
from serving.settings import Settings

OPEN_PATHS = frozenset({"/livez", "/readyz"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
WINDOW_SECONDS = 60.0
MOST_CALLERS = 10_000
logger = logging.getLogger("hitcast.serving")
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class TooLargeError(ValueError):
    """A body larger than allowed."""


class Guard:
    """ASGI middleware that lets a request through or answers it with an error.

    It gives each request an id (the caller's `X-Request-ID`, if it is a plain one) and each
    response the id and the security headers.
    """

    def __init__(self, app: ASGIApp, settings: Settings, keys: Keys) -> None:
        self._app = app
        self._keys = keys
        self._largest = settings.max_body_bytes
        self._limit = settings.rate_limit
        self._window = 0.0
        self._counts: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, then hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(b"x-request-id", request_id.encode()), *SECURITY]
                # A probe asks every second whether the API is ready; "not yet" is its answer.
                if message["status"] >= 400 and get_route_path(scope) not in OPEN_PATHS:
                    _tell(scope, request_id, message["status"])
            await send(message)

        refused = self._refusal(scope, headers)
        await (refused or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if get_route_path(scope) in OPEN_PATHS:
            return None
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return problem(400, "expected a number in Content-Length")
        if int(length) > self._largest:
            return problem(413, f"expected a body of at most {self._largest} bytes")
        return self._too_fast(scope, headers)

    def _too_fast(self, scope: Scope, headers: Headers) -> Response | None:
        """Count requests of each caller (a known key, else an address) in windows of a minute."""
        # A browser asks for leave first, without a key.
        preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        if not self._limit or preflight:
            return None
        now = time.monotonic()
        if now - self._window >= WINDOW_SECONDS or len(self._counts) > MOST_CALLERS:
            self._window = now
            self._counts.clear()
        client = scope.get("client")
        # A key that is not ours counts for its address: else each new one would start afresh.
        key = self._keys.known(headers)
        caller = key.decode(errors="replace") if key else str(client and client[0])
        self._counts[caller] = self._counts.get(caller, 0) + 1
        if self._counts[caller] <= self._limit:
            return None
        wait = int(WINDOW_SECONDS - (now - self._window)) + 1
        told = f"expected at most {self._limit} requests a minute; wait {wait} s"
        return problem(429, told, headers={"Retry-After": str(wait)})


def _tell(scope: Scope, request_id: str, status: int) -> None:
    """One line for a request that was not answered as asked."""
    extra = {"request_id": request_id, "method": scope["method"], "status": status}
    logger.info("not answered", extra={**extra, "path": scope["path"][:200]})


async def read_body(request: Request, largest: int) -> bytes:
    """A request's body, refused as soon as it is too large, whatever length was announced.

    Raises:
        TooLargeError: if it is.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise TooLargeError(f"expected a body of at most {largest} bytes")
        parts.append(part)
    return b"".join(parts)
