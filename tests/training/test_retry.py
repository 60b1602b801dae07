"""Fits that lose an executor, by the errors that Spark 4.2 and XGBoost 3.2 raise."""

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.training import retry
from hitcast.training.retry import ATTEMPTS, find_loss, repeated

BARRIER = (
    "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n"
    ": org.apache.spark.SparkException: Job aborted due to stage failure: Could not recover from a "
    "failed barrier ResultStage. Most recent failure reason: Stage failed because barrier task "
    "ResultTask(60, 0) finished unsuccessfully.\n"
)
PYTHON = "org.apache.spark.api.python.PythonException: [PYTHON_EXCEPTION] Traceback:\n"
EXECUTOR = (
    "ExecutorLostFailure (executor 1 exited unrelated to the running tasks) Reason: worker lost: "
    "127.0.0.1:38575 got disassociated"
)
CONNECTION = (
    "xgboost.core.XGBoostError: [18:55:01] /workspace/src/collective/result.cc:83: "
    "[histogram.h:197|18:55:01]:"
)
PARAMETER = (
    "xgboost.core.XGBoostError: value -3 for Parameter max_depth should be greater equal to 0"
)
BINS = (
    "xgboost.core.XGBoostError: [18:51:28] /workspace/src/common/quantile.cc:29: Check failed: "
    "max_bin >= 2 (1 vs. 2)"
)
TRACE = "\n\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala:3310)"


class JavaError(Exception):
    """As py4j's, whose text is Java's stack trace."""


def failing(times: int, error: BaseException) -> Callable[[], str]:
    """A fit that raises `error` so often, then gives a model."""
    left = iter([error] * times)

    def fit() -> str:
        for raised in left:
            raise raised
        return "model"

    return fit


@pytest.mark.parametrize(
    "loss", [EXECUTOR, CONNECTION, "Python worker exited unexpectedly (crashed)"]
)
def test_a_fit_that_loses_an_executor_is_repeated_and_tells_so_in_one_line(loss: str) -> None:
    told: list[str] = []
    error = JavaError(BARRIER + PYTHON + loss + TRACE)
    assert repeated(failing(2, error), pause=0, tell=told.append) == "model"
    assert [f"attempt {n} of {ATTEMPTS}" in line for n, line in enumerate(told, 2)] == [True, True]
    assert all(loss.removeprefix("xgboost.core.") in line and "\n" not in line for line in told)


def test_rows_lost_with_an_executor_are_a_loss() -> None:
    lost = "org.apache.spark.shuffle.FetchFailedException: Failed to connect to host"
    assert find_loss(JavaError(BARRIER.replace("Stage failed", lost) + TRACE)) is not None


@pytest.mark.parametrize("cause", [PARAMETER, BINS, "ValueError: no rows"])
def test_what_is_wrong_with_the_fit_itself_is_raised_at_once(cause: str) -> None:
    told: list[str] = []
    error = JavaError(BARRIER + PYTHON + cause + TRACE)
    with pytest.raises(JavaError) as raised:
        repeated(failing(1, error), pause=0, tell=told.append)
    assert raised.value is error
    assert told == []


def test_an_ordinary_stage_is_not_repeated_for_spark_has_done_so_already() -> None:
    error = JavaError(f"Task 0 in stage 1.0 failed 4 times, most recent failure: {EXECUTOR}")
    with pytest.raises(JavaError):
        repeated(failing(1, error), pause=0)


def test_the_last_error_is_raised_as_it_is() -> None:
    error = JavaError(BARRIER + EXECUTOR)
    told: list[str] = []
    with pytest.raises(JavaError) as raised:
        repeated(failing(9, error), attempts=3, pause=0, tell=told.append)
    assert raised.value is error
    assert len(told) == 2


def test_ctrl_c_ends_a_fit_and_the_wait_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        repeated(failing(1, KeyboardInterrupt()), pause=0)
    monkeypatch.setattr("time.sleep", lambda _: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        repeated(failing(1, JavaError(BARRIER + EXECUTOR)), tell=lambda _: None)


def test_executors_that_ctrl_c_ended_are_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "was_interrupted", lambda: True)
    with pytest.raises(JavaError):
        repeated(failing(1, JavaError(BARRIER + EXECUTOR)), pause=0)


@pytest.mark.spark
def test_a_barrier_stage_of_spark_that_loses_its_python_is_repeated(
    spark: SparkSession, tmp_path: Path
) -> None:
    flag = str(tmp_path / "died")

    def die_once(rows: Iterable[int]) -> Iterable[int]:
        try:
            os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return rows
        os.kill(os.getpid(), signal.SIGKILL)
        return rows

    def fit() -> list[int]:
        rdd = spark.sparkContext.parallelize(range(4), 2)
        return rdd.barrier().mapPartitions(die_once).collect()

    told: list[str] = []
    assert repeated(fit, pause=0, tell=told.append) == [0, 1, 2, 3]
    assert len(told) == 1
