"""Standard error under spark-submit, which pours a driver's stderr into its stdout.

`spark-submit` starts Python with both streams in one pipe, so progress would run into the JSON line
that callers read. The JVM's own stderr is the real one; it is reached through py4j.
"""

import io
import os
import sys
from typing import Any

from hitcast.running.home import on_databricks


class JvmStderr(io.TextIOBase):
    """A text stream that writes to the JVM's standard error."""

    def __init__(self, jvm: Any) -> None:
        self._jvm = jvm

    def writable(self) -> bool:
        """Text can be written."""
        return True

    def write(self, text: str) -> int:
        """Write to the JVM's stderr; where the JVM is gone, to Python's own."""
        try:
            self._jvm.java.lang.System.err.print(text)
        except Exception:
            stream = sys.__stderr__
            if stream is not None:
                stream.write(text)
        return len(text)


def separate_stderr() -> None:
    """Give this process its own stderr back, if spark-submit took it."""
    # Databricks' Python has a gateway too, but keeps what a task writes by itself.
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if not submitted or isinstance(sys.stderr, JvmStderr) or on_databricks():
        return
    from pyspark import SparkContext

    SparkContext._ensure_initialized()
    sys.stderr = JvmStderr(SparkContext._jvm)
