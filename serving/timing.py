"""How long calls take, by route: counted as the answer's head goes out."""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LATENCIES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
NOBODY = "none"
"""The route of a request that no call was found for, or that was refused before."""


class Timing:
    """ASGI middleware that measures `http_request_duration_seconds`.

    The route is the one that the router has put into the scope: looking for it a second time, as
    libraries that can't know the router do, took as long as all the other middleware together.

    Args:
        app: What answers.
        registry: Gets the histogram.
    """

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._histogram = Histogram(
            "http_request_duration_seconds", "seconds until an answer begins, by route",
            ["handler", "method", "status"], buckets=LATENCIES, registry=registry,
        )  # fmt: skip
        self._refusals = Counter(
            "hitcast_refusals", "requests that were not answered as asked, by the problem's code",
            ["code"], registry=registry,
        )  # fmt: skip
        self._known: dict[tuple[str, str, int], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and measure it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, send_timed)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route")
        # A method is any word that a caller thinks of, where the route does not have it.
        method = scope["method"] if route and scope["method"] in route.methods else NOBODY
        key = route.path if route else NOBODY, method, status // 100
        if key not in self._known:
            self._known[key] = self._histogram.labels(key[0], method, f"{key[2]}xx")
        self._known[key].observe(seconds)
        if status >= 400:
            self._refusals.labels(scope["state"].get("code", NOBODY)).inc()
