"""An app asked without a client in between: any header, any parts, any kind of scope."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Scope

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What an app sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    unread: int
    """Parts of the body that the app has left."""

    def all(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name]


def scope_of(
    method: str = "POST", path: str = "/predict", headers: Headers = (), **more: Any
) -> Scope:
    """A request's scope, as uvicorn makes it."""
    path, _, query = path.partition("?")
    sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": sent, "http_version": "1.1", "scheme": "http",
        "root_path": "", "client": ("10.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
        **more,
    }  # fmt: skip


async def asked(app: ASGIApp, scope: Scope, parts: Sequence[bytes | float] = (b"",)) -> Answer:
    """What an app answers to a body in parts; a number between them is a wait in seconds."""
    left, sent = deque(parts), list[Message]()

    async def receive() -> Message:
        while left and isinstance(left[0], float):
            await asyncio.sleep(left[0])
            left.popleft()
        if not left:
            return {"type": "http.disconnect"}
        part = left.popleft()
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append({**message})

    await app(scope, receive, send)
    head = sent[0]
    headers = [(name.decode(), value.decode()) for name, value in head["headers"]]
    assert not sent[-1].get("more_body"), "the answer has no end"
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(head["status"], headers, body, len(left))


def ask(
    app: ASGIApp,
    method: str = "POST",
    path: str = "/predict",
    headers: Headers = (),
    parts: Sequence[bytes | float] = (b"",),
    **more: Any,
) -> Answer:
    """The same from outside of an event loop."""
    return asyncio.run(asked(app, scope_of(method, path, headers, **more), parts))
