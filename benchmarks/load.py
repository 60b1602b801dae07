"""Closed-loop load: each client sends its next request when the last one is answered.

Plain sockets and bytes made beforehand, so that one process asks faster than servers answer.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

Observer = Callable[[int, bytes, bytes], None]
"""Told of each answer: status, head and body."""


@dataclass
class Load:
    """What came of a load.

    Attributes:
        seconds: How long it took.
        latencies: Seconds of each answered request.
        statuses: How often each status came.
        broken: Answers that began and did not end, or connections lost while waiting for one.
        unanswered: Requests whose connection was closed before an answer began.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    broken: int = 0
    unanswered: int = 0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that `share` percent of the answers stay within."""
        return float(np.percentile(self.latencies, share)) * 1000


def request_bytes(path: str, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """A POST request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run_load(
    port: int,
    requests: Sequence[bytes],
    *,
    clients: int,
    count: int | None = None,
    seconds: float | None = None,
    observe: Observer | None = None,
) -> Load:
    """Send requests, in turn, until `count` are answered or `seconds` are over.

    Args:
        port: The server's, on the loopback interface.
        requests: Bytes of the requests, taken in turn.
        clients: Connections that ask at the same time.
        count: How many requests in all.
        seconds: For how long.
        observe: Told of each answer.
    """
    return asyncio.run(_run(port, requests, clients, count, seconds, observe))


async def _run(
    port: int,
    requests: Sequence[bytes],
    clients: int,
    count: int | None,
    seconds: float | None,
    observe: Observer | None,
) -> Load:
    load = Load()
    begun = time.perf_counter()
    end = begun + seconds if seconds else float("inf")
    sent = 0

    async def client() -> None:
        nonlocal sent
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while (count is None or sent < count) and time.perf_counter() < end:
                request = requests[sent % len(requests)]
                sent += 1
                if not await _ask(reader, writer, request, load, observe):
                    return
        finally:
            writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    load.seconds = time.perf_counter() - begun
    return load


async def _ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: bytes,
    load: Load,
    observe: Observer | None,
) -> bool:
    """One request and its answer; False where the connection is lost."""
    started = time.perf_counter()
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        begun = isinstance(error, asyncio.IncompleteReadError) and bool(error.partial)
        load.broken += begun
        load.unanswered += not begun
        return False
    try:
        place = head.lower().index(b"\ncontent-length:") + 16
        body = await reader.readexactly(int(head[place : head.index(b"\r", place)]))
    except (asyncio.IncompleteReadError, ConnectionError):
        load.broken += 1
        return False
    load.latencies.append(time.perf_counter() - started)
    status = int(head[9:12])
    load.statuses[status] = load.statuses.get(status, 0) + 1
    if observe is not None:
        observe(status, head, body)
    return b"connection: close" not in head.lower()
