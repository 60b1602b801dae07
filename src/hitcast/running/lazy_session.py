"""A SparkSession that starts when it is first asked for something."""

from collections.abc import Callable
from typing import Any, cast

from pyspark.sql import SparkSession


def lazy(start: Callable[[], SparkSession]) -> SparkSession:
    """A stand-in for the session that `start` returns, which is called once, when it is needed.

    Whoever finds that there is nothing to do has not waited for a session then.
    """
    return cast(SparkSession, _LazySession(start))


class _LazySession:
    def __init__(self, start: Callable[[], SparkSession]) -> None:
        self._start = start
        self._started: SparkSession | None = None

    def __getattr__(self, name: str) -> Any:
        if self._started is None:
            self._started = self._start()
        return getattr(self._started, name)
