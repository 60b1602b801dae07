"""The gate: what is refused before a call is looked for, and what has failed beyond it."""

import logging

from starlette._utils import get_route_path
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.allowance import Allowance
from serving.bodies import DISCARDED, SMALL_BYTES, Rest, Room
from serving.keys import Keys
from serving.responses import problem
from serving.settings import Settings

PROBES = frozenset({"/livez", "/readyz", "/ping", "/health", "/v2/health/live", "/v2/health/ready"})
BUSY_SECONDS = "1"
logger = logging.getLogger("hitcast.serving")


class Gate:
    """ASGI middleware that lets a request through or answers it with an error.

    It counts callers and the requests that are being answered, and answers in the form of an error
    what failed. Keys are asked for later, by the call (`access`).

    Args:
        app: What is behind the gate.
        settings: Name the limits.
        keys: Tell callers apart.
        room: Where large bodies are held.
    """

    def __init__(self, app: ASGIApp, settings: Settings, keys: Keys, room: Room) -> None:
        self._app, self._keys, self._room = app, keys, room
        self._seconds = settings.body_seconds
        self._discarded = DISCARDED * settings.max_body_bytes
        self._most, self._inside = settings.max_concurrent, 0
        self._allowance: Allowance | None = None
        if settings.rate_limit:
            self._allowance = Allowance(settings.rate_limit, settings.workers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, then hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length, closes, encoded = _framing(scope)
        # A small body on a connection that stays is the server's to drop: no time is spent on it.
        rest = None
        if length is None or length > SMALL_BYTES or (closes and length):
            scope["state"]["length"] = length or 0
            most = self._discarded if (length or 0) <= self._discarded else 0
            rest = Rest(receive, send, most, self._seconds)
            receive, send = rest.receive, rest.send
        if get_route_path(scope) in PROBES:
            await self._answer(None, scope, receive, send)
        else:
            self._inside += 1
            try:
                await self._answer(self._refusal(scope, length, encoded), scope, receive, send)
            finally:
                self._inside -= 1
                if "held" in scope["state"]:
                    self._room.leave(scope)
        if rest is not None:
            await rest.discard()

    async def _answer(
        self, refused: Response | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer with a refusal, else with what is behind the gate; with 500 where that fails."""
        try:
            await (refused or self._app)(scope, receive, send)
        except Exception as error:
            state = scope["state"]
            extra = {"request_id": state.get("request_id"), "path": scope["path"][:200]}
            logger.error("a request failed", exc_info=error, extra=extra)
            if state.get("begun"):
                raise  # Half an answer is out: the server has to break it off.
            told = "something went wrong here; its log line has the request's id"
            await problem(500, told)(scope, receive, send)

    def _refusal(self, scope: Scope, length: int | None, encoded: bool) -> Response | None:
        if length is not None and length < 0:
            told = "expected one number in Content-Length, and no Transfer-Encoding beside it"
            return problem(400, told, headers={"Connection": "close"})
        if length != 0 and encoded:
            told = "expected a body without Content-Encoding: compressed ones are not taken"
            return problem(415, told, headers={"Connection": "close"})
        if self._most and self._inside > self._most:
            told = f"{self._most} requests are being answered, which is the most; come again"
            return problem(503, told, code="busy", headers={"Retry-After": BUSY_SECONDS})
        return self._too_fast(scope, self._allowance) if self._allowance else None

    def _too_fast(self, scope: Scope, allowance: Allowance) -> Response | None:
        caller = self._keys.caller(scope)
        if allowance.take(caller):
            return None
        self._keys.count_if_wrong(scope)
        wait = allowance.seconds_left(caller)
        told = f"expected at most {allowance.share} requests a minute; wait {wait} s"
        return problem(429, told, headers={"Retry-After": str(wait)})


def _framing(scope: Scope) -> tuple[int | None, bool, bool]:
    """The length of a request's body, whether the connection closes after, and if it is encoded.

    The length is 0 without a body, None where only its end will tell; -1 where it can't be told, or
    not by all: two who read such a request differently may take the end of its body for another
    request.
    """
    lengths, chunked, encoded = [], False, False
    closes = scope.get("http_version") == "1.0"
    for name, value in scope["headers"]:
        if name == b"content-length":
            lengths.append(value)
        elif name == b"transfer-encoding":
            chunked = True
        elif name == b"connection":
            closes = closes or b"close" in value.lower()
        elif name == b"content-encoding":
            encoded = encoded or value.strip().lower() not in (b"", b"identity")
    if not lengths:
        return None if chunked else 0, closes, encoded
    if chunked or len(lengths) > 1 or not lengths[0].isdigit() or len(lengths[0]) > 18:
        return -1, True, encoded
    return int(lengths[0]), closes, encoded
