"""The gate: request ids, keys, limits and headers, before any body is read."""

import hmac
import logging
import re
import time
import uuid
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        admin = settings.admin_key.get_secret_value() if settings.admin_key else ""
        self._admin = admin.encode()
        self._keys = tuple(key.encode() for key in settings.api_keys)
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
                if message["status"] >= 400 and scope["path"] not in OPEN_PATHS:
                    _tell(scope, request_id, message["status"])
            await send(message)

        refused = self._refusal(scope, headers)
        await (refused or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if scope["path"] in OPEN_PATHS:
            return None
        key = headers.get("x-api-key", "").encode()
        is_admin = bool(self._admin) and hmac.compare_digest(key, self._admin)
        if scope["path"] == "/model" and scope["method"] == "PUT":
            if not self._admin:
                return problem(403, "admin calls are off: set HITCAST_ADMIN_KEY to allow them")
            if not is_admin:
                return problem(401, "expected the admin key in X-API-Key")
        elif self._keys and not (is_admin or _among(key, self._keys)):
            return problem(401, "expected a key in X-API-Key")
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return problem(400, "expected a number in Content-Length")
        if int(length) > self._largest:
            return problem(413, f"expected a body of at most {self._largest} bytes")
        return self._too_fast(scope, headers, key)

    def _too_fast(self, scope: Scope, headers: Headers, key: bytes) -> Response | None:
        """Count requests of each caller (a key, else an address) in windows of a minute."""
        if not self._limit:
            return None
        now = time.monotonic()
        if now - self._window >= WINDOW_SECONDS or len(self._counts) > MOST_CALLERS:
            self._window = now
            self._counts.clear()
        client = scope.get("client")
        caller = key.decode(errors="replace") if key and self._keys else str(client and client[0])
        self._counts[caller] = self._counts.get(caller, 0) + 1
        if self._counts[caller] <= self._limit:
            return None
        wait = int(WINDOW_SECONDS - (now - self._window)) + 1
        told = f"expected at most {self._limit} requests a minute; wait {wait} s"
        return problem(429, told, {"Retry-After": str(wait)})


def _tell(scope: Scope, request_id: str, status: int) -> None:
    """One line for a request that was not answered as asked."""
    extra = {"request_id": request_id, "method": scope["method"], "status": status}
    logger.info("not answered", extra={**extra, "path": scope["path"][:200]})


def _among(key: bytes, keys: Iterable[bytes]) -> bool:
    """Whether a key is one of `keys`; every one is compared, in constant time."""
    found = False
    for known in keys:
        found |= hmac.compare_digest(key, known)
    return found


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
