"""Faults that tests bring about: a version whose files are lost, an API that does not answer."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def lost_files(home: Path, number: int) -> Iterator[None]:
    """Within the block, a version's files are neither where the registry says nor in the cache."""
    for copy in home.glob(f"model_cache/*/versions/{number}-*"):
        shutil.rmtree(copy)
    ask = "SELECT storage_location FROM model_versions WHERE version = ?"
    put = "UPDATE model_versions SET storage_location = ? WHERE version = ?"
    with closing(sqlite3.connect(home / "mlflow.db", isolation_level=None)) as database:
        (place,) = database.execute(ask, (number,)).fetchone()
        database.execute(put, (f"file://{home}/nowhere", number))
        try:
            yield
        finally:
            database.execute(put, (place, number))


@contextmanager
def halted(pid: int) -> Iterator[None]:
    """Within the block, a process does nothing; its connections stay open."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
