"""Ctrl-C, TERM and a terminal that goes: noticed where a library swallows them, held back too."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_came: list[int] = []


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first and any later INT, TERM or HUP signal into KeyboardInterrupt, and remember it.

    Ctrl-C ends Spark's JVM too, and KeyboardInterrupt can be lost (Python drops what is raised
    while it frees objects, as py4j does all the time): what then fails is a dead JVM. Ask
    `was_interrupted` before calling such an error a failure.
    """

    def stop(signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
        _came.append(signum)
        raise KeyboardInterrupt

    # What a shell told us to ignore (a job in the background) stays ignored.
    before = {s: signal.getsignal(s) for s in SIGNALS if signal.getsignal(s) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        _came.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def was_interrupted() -> bool:
    """Whether an INT, TERM or HUP signal has come since the `interruptible` block began."""
    return bool(_came)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold these signals back until the block is done, then deliver what came."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def remember(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        came.append(signum)

    before = [signal.signal(number, remember) for number in SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
    for earliest in came[:1]:
        signal.raise_signal(earliest)
