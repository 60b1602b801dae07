"""Calls that wait for Spark, side by side: while one plans, the other's tasks keep cores busy."""

from collections.abc import Callable, Iterable
from multiprocessing.pool import ThreadPool
from typing import Any, TypeVar

from pyspark import inheritable_thread_target
from pyspark.sql import SparkSession

THREADS = 3
T = TypeVar("T")
R = TypeVar("R")


def side_by_side(
    call: Callable[[T], R], values: Iterable[T], spark: SparkSession, done: Callable[[], None]
) -> list[R]:
    """What `call` returns for each value, in their order.

    Args:
        call: Asks Spark for something.
        values: What it is called with, three at a time.
        spark: The session, whose settings the threads get.
        done: Is called in this thread each time that one has returned.

    Raises:
        Exception: what the first call in order that failed raised.
    """
    wrap: Any = inheritable_thread_target(spark)
    # A pool of daemons: an interrupt ends the program without waiting for what they wait for.
    with ThreadPool(THREADS) as pool:
        results = []
        try:
            for result in pool.imap(wrap(call), list(values)):
                results.append(result)
                done()
        except Exception:
            # What comes next shall not share memory and cores with what nobody waits for.
            pool.close()
            pool.join()
            raise
        return results
