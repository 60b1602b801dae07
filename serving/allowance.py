"""So many a minute for each caller, and who a caller is where no key tells.

The windows are those of the library `limits`; the counters are ours: its storage in memory starts a
thread for every request that comes 10 ms after the last (0.3 to 1 ms; an answer takes 0.5) and has
no bound.
"""

import math
import time
from socket import AF_INET6, inet_pton

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import Scope

MOST_CALLERS = 50_000
SHARED = 1024
SWEEP_SECONDS = 1.0
MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv6 address begins that stands for one of IPv4."""


class Counters(Storage):
    """Counters in memory that expire, in bounded number, for one thread.

    No caller can reset another's: once there are `most`, callers who are new share what is left,
    `SHARED` counters that their name is hashed to (differently in each process).
    """

    STORAGE_SCHEME = None

    def __init__(self, most: int = MOST_CALLERS) -> None:
        super().__init__()
        self._most = most
        self._held: dict[str, tuple[int, float]] = {}
        self._sweep_at = 0.0

    def __len__(self) -> int:
        return len(self._held)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong here: nothing that a storage elsewhere would."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; a counter lives `expiry` seconds from its first count on."""
        now = time.monotonic()
        place = self._place(key, now)
        count, until = self._held.get(place, (0, 0.0))
        if until <= now:
            count, until = 0, now + expiry
        self._held[place] = (count + amount, until)
        return count + amount

    def get(self, key: str) -> int:
        """A counter as it stands."""
        now = time.monotonic()
        count, until = self._held.get(self._place(key, now), (0, 0.0))
        return count if until > now else 0

    def get_expiry(self, key: str) -> float:
        """When a counter starts over, on the clock `time.monotonic`."""
        now = time.monotonic()
        return self._held.get(self._place(key, now), (0, now))[1]

    def check(self) -> bool:
        """Memory is there."""
        return True

    def reset(self) -> int:
        """Forget all counters."""
        found = len(self._held)
        self._held.clear()
        return found

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._held.pop(key, None)

    def _place(self, key: str, now: float) -> str:
        """Where a key is counted."""
        if key in self._held or len(self._held) < self._most:
            return key
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            self._held = {k: found for k, found in self._held.items() if found[1] > now}
            if len(self._held) < self._most:
                return key
        return f"shared/{hash(key) % SHARED}"


class Allowance:
    """So many a minute for each caller.

    Args:
        a_minute: For the API as a whole.
        workers: Processes that serve it, each of which counts for itself and takes its share.
    """

    def __init__(self, a_minute: int, workers: int) -> None:
        self.share = max(1, a_minute // workers)
        self._item = RateLimitItemPerMinute(self.share)
        self.counters = Counters()
        self._window = FixedWindowRateLimiter(self.counters)

    def take(self, caller: str) -> bool:
        """Count one more; whether it is within the allowance."""
        return self._window.hit(self._item, caller)

    def is_used_up(self, caller: str) -> bool:
        """Whether one more would be too many."""
        return not self._window.test(self._item, caller)

    def seconds_left(self, caller: str) -> int:
        """How long a caller has to wait for a new allowance."""
        until, _ = self._window.get_window_stats(self._item, caller)
        return max(1, math.ceil(until - time.monotonic()))


def address_of(scope: Scope) -> str:
    """Where a request comes from, as the server has it: of IPv6 the /64, which one subscriber has.

    `X-Forwarded-For` is the server's part (`uvicorn --forwarded-allow-ips`): whom to believe is
    known there alone.
    """
    client = scope.get("client")
    host = str(client[0]) if client else ""
    if ":" not in host:
        return host
    try:
        packed = inet_pton(AF_INET6, host.partition("%")[0])
    except OSError:
        return host
    if packed.startswith(MAPPED):
        return ".".join(map(str, packed[12:]))
    return packed[:8].hex()
