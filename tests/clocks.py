"""A clock that tests move: whoever sleeps on it loses no time."""

from collections.abc import Sequence
from types import ModuleType

import pytest


class Clock:
    """In the place of the module `time`.

    Attributes:
        slept: All the seconds that were slept.
    """

    def __init__(self) -> None:
        self.slept = 0.0

    def time(self) -> float:
        """Seconds since some time or other."""
        return self.slept

    monotonic = time

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept += seconds


def without_waiting(monkeypatch: pytest.MonkeyPatch, modules: Sequence[ModuleType]) -> Clock:
    """Give modules that import `time` such a clock, one for all of them."""
    clock = Clock()
    for module in modules:
        monkeypatch.setattr(module, "time", clock)
    return clock
