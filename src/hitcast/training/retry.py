"""Fits again where a cluster loses an executor in the middle of one.

MLlib's fits need none of this: Spark runs the lost tasks again on what is left. XGBoost's tasks are
a barrier stage, which talk to each other while they train: where one is lost, Spark gives up the
whole fit. The rows' order is fixed, so the fit that is repeated gives the same model.
"""

import re
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

from pyspark.ml import Estimator
from pyspark.sql import DataFrame
from tqdm import tqdm

from hitcast.running.interrupts import was_interrupted
from hitcast.running.job import say

ATTEMPTS = 4
"""As many as Spark gives a task."""
PAUSE = 5.0
"""Seconds before the next attempt, so that Spark has heard of the loss by then. If it has too few
cores left, it waits for more by itself (`spark.scheduler.barrier.maxConcurrentTasksCheck`)."""
BARRIER = "failed barrier ResultStage"
LOSSES = re.compile(
    # The executor, its worker or its machine has gone.
    r"ExecutorLostFailure \(.*"
    # The rows that it had prepared have gone with it.
    r"|.*FetchFailed.*"
    # Its Python was killed, for want of memory say.
    r"|Python worker exited unexpectedly.*"
    # A task that is left found the connection to a lost one closed, before Spark had heard of it.
    # What is wrong with a hyperparameter comes from other folders of XGBoost's source.
    r"|XGBoostError: \[[^\]]*\] \S*/collective/.*"
)
M = TypeVar("M")


def fit(estimator: Estimator[Any], rows: DataFrame) -> Any:
    """Fit `estimator` on `rows`, again where a cluster loses an executor meanwhile.

    Args:
        estimator: Any of Spark ML's.
        rows: Rows in a fixed order, so that each attempt sees the same.

    Raises:
        Exception: what the fit raised, if no executor was lost or the last attempt lost one too.
    """
    return repeated(lambda: estimator.fit(rows))


def repeated(
    attempt: Callable[[], M],
    *,
    attempts: int = ATTEMPTS,
    pause: float = PAUSE,
    tell: Callable[[str], None] = say,
) -> M:
    """Call `attempt` until it returns, `attempts` times at most.

    Args:
        attempt: Is called again only if it failed because an executor was lost.
        attempts: 1 or more.
        pause: Seconds between two attempts.
        tell: Gets one line before each further attempt.

    Returns:
        What `attempt` returned.

    Raises:
        Exception: the last error, as it was raised.
    """
    for number in range(2, attempts + 1):
        try:
            return attempt()
        except Exception as error:
            loss = find_loss(error)
            # Ctrl-C ends executors too, and may show as nothing but their loss.
            if loss is None or was_interrupted():
                raise
            # Bars step aside, else the line would run into them.
            with tqdm.external_write_mode(file=sys.stderr):
                tell(f"a fit lost a worker: {loss}; attempt {number} of {attempts} in {pause:g} s")
        time.sleep(pause)
    return attempt()


def find_loss(error: Exception) -> str | None:
    """What was lost, in one line, if a barrier stage failed for a loss; else None."""
    told = str(error)
    found = LOSSES.search(told) if BARRIER in told else None
    return None if found is None else found[0].strip()
