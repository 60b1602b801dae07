"""Bodies: how large, how long, how much of them in memory; and what is left of one unread."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

SMALL_BYTES = 16 * 1024
ROW_BYTES = 64 * 1024
"""A body of one row; what a call takes that says nothing else."""
DISCARDED = 4
"""How many times the largest body is read and thrown away, so that a refusal is heard."""
F = TypeVar("F", bound=Callable[..., Any])


class TooLargeError(ValueError):
    """A body larger than allowed."""


class SlowBodyError(TimeoutError):
    """A body that did not arrive in time."""


class BusyError(RuntimeError):
    """Too much is going on to take a request."""


def takes(largest: int | None) -> Callable[[F], F]:
    """Declare how large a call's body may be, in bytes; None: as large as the settings allow.

    Without it, it is `ROW_BYTES`.
    """

    def declare(endpoint: F) -> F:
        cast(Any, endpoint).largest = largest
        return endpoint

    return declare


class Room:
    """How much of large bodies is held in memory, from their first byte to their answer's last.

    Args:
        most: Bytes of all of them together.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.held = 0

    def take(self, scope: Scope, size: int) -> None:
        """Hold more of a request's body.

        Raises:
            BusyError: if there is no room for it.
        """
        if self.held + size > self._most:
            raise BusyError(f"bodies of {self._most} bytes are being worked on; come again")
        self.held += size
        state = scope["state"]
        state["held"] = state.get("held", 0) + size

    def leave(self, scope: Scope) -> None:
        """Give back what a request has held."""
        self.held -= scope["state"].pop("held", 0)


async def read_body(request: Request, largest: int, seconds: float, room: Room) -> bytes:
    """A request's body, refused as soon as it is too large, whatever length was announced.

    Args:
        request: Whose body.
        largest: Its bytes at most.
        seconds: How long all of it may take.
        room: Where it is held if it may be larger than a row.

    Raises:
        TooLargeError: if it is.
        SlowBodyError: if it has not arrived by then.
        BusyError: if there is no room for it.
    """
    told = f"expected a body of at most {largest} bytes"
    if request.scope["state"].get("length", 0) > largest:
        raise TooLargeError(told)
    parts, size, more, receive = [], 0, True, request.receive
    try:
        async with asyncio.timeout(seconds):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                part = message.get("body", b"")
                size += len(part)
                if size > largest:
                    raise TooLargeError(told)
                if largest > ROW_BYTES:
                    room.take(request.scope, len(part))
                parts.append(part)
                more = message.get("more_body", False)
    except TimeoutError:
        raise SlowBodyError(f"expected the whole body within {seconds:g} s") from None
    return b"".join(parts)


class Rest:
    """What a call leaves of a body, read and thrown away once the answer is out.

    A server that closes while its caller still sends makes the caller's kernel drop the answer:
    who sends the whole body before it reads would see a reset connection, not the 413.

    Args:
        receive: Brings the body.
        send: Takes the answer.
        most: How many bytes are thrown away.
        seconds: How long that may take.
    """

    def __init__(self, receive: Receive, send: Send, most: int, seconds: float) -> None:
        self._receive, self._send = receive, send
        self._most, self._seconds = most, seconds
        self._is_left, self._last = True, False

    async def receive(self) -> Message:
        """The next part of the body."""
        message = await self._receive()
        self._is_left = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Hand on a part of the answer; the last one's end waits for `discard`."""
        if self._is_left:
            if message["type"] == "http.response.start":
                if not any(name.lower() == b"connection" for name, _ in message["headers"]):
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                # Who is too slow to send is not waited for once more.
                self._seconds *= message["status"] != 408
            elif not message.get("more_body", False):
                self._last = True
                message = {**message, "more_body": True}
        await self._send(message)

    async def discard(self) -> None:
        """Read what is left, up to the bound and the deadline; then end the answer."""
        if not self._last:
            return
        try:
            async with asyncio.timeout(self._seconds):
                while self._is_left and self._most > 0:
                    self._most -= len((await self.receive()).get("body", b""))
        except TimeoutError:
            pass
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
