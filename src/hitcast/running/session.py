"""The SparkSession: local, under spark-submit, or the one that a platform has started."""

import atexit
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from hitcast.running.home import on_databricks
from hitcast.running.remote import expect_server

# Each is set only where nothing else did: `spark-submit --conf` and a cluster's own settings win.
DEFAULTS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # Dates and times mean the same on every machine.
    "spark.sql.session.timeZone": "UTC",
    # Progress is told by the jobs' own bars; the console bar would run through them.
    "spark.ui.showConsoleProgress": "false",
    # Java never compiles a method of more than 8,000 bytes of code. Spark makes such methods of
    # wide expressions unless told not to: checking an extract's lines took 3 times as long.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Arrow moves rows to pandas in batches; without it each value is pickled.
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Delta's 50 partitions are for the state of tables with very many files. Ours have few: on one
    # machine and on a cluster alike almost all 50 are empty tasks, at every read and commit.
    "spark.databricks.delta.snapshotPartitions": "2",
    # Choosing a compression for each column of rows that are kept for one run cost a third of
    # checking an extract: 39 of 103 processor seconds of a million lines, against 27 without.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
}
# On one machine Spark's 200 partitions for a shuffle are almost all empty: with them and Delta's 50
# a first read of a small table took 40 s. On a cluster its size decides, which its user knows.
ONE_MACHINE = {
    "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
    # VACUUM lists a table's files in so many tasks: with Spark's 10,000 that took minutes.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(2 * (os.cpu_count() or 1)),
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # On a cluster the workers' own machines print them, and need not have this package.
    "spark.python.daemon.module": "hitcast.running.python_workers",
    # They find it where this process did, installed or not.
    "spark.executorEnv.PYTHONPATH": str(Path(__file__).resolve().parents[2]),
}


def get_session(app_name: str, *, debug: bool = False) -> SparkSession:
    """Return the session that is there, or start one with Delta on.

    Args:
        app_name: What the session is called in Spark's UI and logs.
        debug: Whether Spark logs what goes wrong inside it; else the job's one line is all.

    Returns:
        The active session (Databricks, notebooks, tests), else one with the Spark Connect server
        that `SPARK_REMOTE` names (`sc://HOST:PORT`), else a new one; its master is what
        `spark-submit --master` or `spark-defaults.conf` says, else `local[*]`.

    Raises:
        EnvironmentSetupError: if `SPARK_REMOTE` leads to no server.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    builder = SparkSession.builder.appName(app_name)
    if on_databricks():
        return builder.getOrCreate()
    remote = os.environ.get("SPARK_REMOTE", "")
    if remote:
        expect_server(remote)
        # What else there is to set is the server's.
        session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
        # Models that are freed while Python ends would tell the server, and wait for an answer that
        # no thread is left to take.
        atexit.register(_leave, session)
        return session
    # Under spark-submit the JVM already runs and knows its settings; ask it before adding ours.
    SparkContext._ensure_initialized()
    conf = SparkConf()
    settings = dict(DEFAULTS)
    settings["spark.log.level"] = "WARN" if debug else "FATAL"
    if (conf.get("spark.master") or "local").startswith("local"):
        settings |= ONE_MACHINE
        # Python workers run what the driver runs, whether or not its environment is activated.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for key, value in settings.items():
        if not conf.contains(key):
            builder = builder.config(key, value)
    for name in ("DataFrameQueryContextLogger", "XGBoost-PySpark"):
        logging.getLogger(name).setLevel(logging.WARNING if debug else logging.CRITICAL)
    on_interrupt = signal.getsignal(signal.SIGINT)
    session = builder.getOrCreate()
    # Spark's own handler asks the JVM to cancel first, which fails where Ctrl-C ended the JVM too.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, on_interrupt)
    return session


def _leave(session: Any) -> None:
    """End a session with a server, without waiting for one that has ended before."""
    with suppress(Exception):
        # Else a server that is gone is called again and again, for minutes.
        session.client.set_retry_policies([])
        session.stop()


def uses_this_machines_files(session: SparkSession) -> bool:
    """Whether a path means the same to Spark as to this process, as far as can be known."""
    if not has_jvm(session):
        return False
    context: Any = session.sparkContext._jsc
    return str(context.hadoopConfiguration().get("fs.defaultFS")).startswith("file:")


def has_jvm(session: SparkSession) -> bool:
    """Whether Spark's JVM is within reach: not over Spark Connect, nor on serverless compute."""
    return getattr(session, "_jvm", None) is not None


def find_native_libraries(session: SparkSession) -> None:
    """Have Spark look for a native BLAS now, so that it is not said in the middle of a bar.

    Where there is none, its loader writes a line to stderr, once, and MLlib goes on in Java.
    """
    # Over Spark Connect the JVM is elsewhere, and so is what it writes. A platform may forbid the
    # call; the fits that follow need nothing of it.
    if has_jvm(session):
        jvm: Any = session._jvm
        with suppress(Exception):
            jvm.dev.ludovic.netlib.blas.NativeBLAS.getInstance()
