"""What a run tells of its steps."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


@contextmanager
def step(name: str, say: Say) -> Iterator[Callable[[str], None]]:
    """Time a step; it says at its end what it did."""
    begun = time.perf_counter()
    told: list[str] = []
    yield told.append
    say(f"{name}: {'; '.join(told)} ({time.perf_counter() - begun:.1f} s)")
