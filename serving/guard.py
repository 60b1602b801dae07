"""What every answer has, whatever becomes of the request: an id, the security headers, a log line.

It stands outside of all else, CORS included, so that preflights and refusals have them too.
"""

import logging
import os
from collections.abc import Sequence

from starlette._utils import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.gate import PROBES

PLAIN = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
LONGEST_ID = 64
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
NO_FRAMES = (b"x-frame-options", b"DENY")
NO_SOCKETS = {"type": "websocket.close", "code": 1008, "reason": "there are no websockets here"}
logger = logging.getLogger("hitcast.serving")


class Guard:
    """ASGI middleware that gives each request an id, and each response the id and the headers.

    The id is the caller's `X-Request-ID`, if there is one and it is plain. Callers may repeat
    theirs: it finds the log lines of what they did, it is no key to anything. HEAD is answered as
    GET without the body; a websocket is closed.

    Args:
        app: What is behind it.
        framed_by: Web pages that may show the API's own ones in a frame.
    """

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()) -> None:
        self._app = app
        # The older header knows no list; browsers that know the newer one pass it over.
        frames = f"frame-ancestors {' '.join(framed_by)}".encode()
        framed = (b"content-security-policy", frames) if framed_by else NO_FRAMES
        self._headers = (*SECURITY, framed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark a request, hand it on, and mark its response."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await receive()
                await send(NO_SOCKETS)
            else:
                await self._app(scope, receive, send)
            return
        request_id = _id(scope)
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        is_head, asked = scope["method"] == "HEAD", scope
        if is_head:
            asked = {**scope, "method": "GET"}

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["state"]["begun"] = True
                message["headers"] += [(b"x-request-id", request_id), *self._headers]
                # A probe asks every second whether the API is ready; "not yet" is its answer.
                if message["status"] >= 400 and get_route_path(scope) not in PROBES:
                    _tell(scope, message["status"])
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        await self._app(asked, receive, send_marked)


def _id(scope: Scope) -> bytes:
    """A request's id: the caller's, else a new one."""
    given: list[bytes] = [value for name, value in scope["headers"] if name == b"x-request-id"]
    if len(given) == 1 and 0 < len(given[0]) <= LONGEST_ID and not given[0].translate(None, PLAIN):
        return given[0]
    return os.urandom(16).hex().encode()


def _tell(scope: Scope, status: int) -> None:
    """One line for a request that was not answered as asked."""
    request_id, path = scope["state"]["request_id"], scope["path"][:200]
    extra = {"request_id": request_id, "method": scope["method"], "status": status, "path": path}
    client = scope.get("client")
    extra |= {"code": scope["state"].get("code"), "client": client and client[0]}
    logger.info("not answered", extra=extra)
