"""Metrics of all workers in one place, so that a scrape of any of them tells of all.

`uvicorn --workers N` starts N processes, and Prometheus' client counts in each by itself, unless
it is told of a folder before it is imported. Standard library alone.
"""

import hashlib
import multiprocessing
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
NAME = "hitcast-metrics-"


def share_metrics() -> None:
    """Name a folder for this process and those that were started with it, where there are such.

    A folder that is set already stays. Folders of servers that have ended are deleted.
    """
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid is None or FOLDER in os.environ:
        return
    # A secret that only the processes of one server have: other servers may get the same pid.
    family = hashlib.sha256(multiprocessing.current_process().authkey).hexdigest()[:16]
    place = Path(tempfile.gettempdir(), f"{NAME}{parent.pid}-{family}")
    place.mkdir(mode=0o700, exist_ok=True)
    os.environ[FOLDER] = str(place)
    for other in place.parent.glob(f"{NAME}*-*"):
        if not is_alive(int(other.name.removeprefix(NAME).partition("-")[0] or 0)):
            shutil.rmtree(other, ignore_errors=True)


def forget_the_dead() -> None:
    """Take the gauges of workers that have ended out of the sum; what they counted stays in it."""
    if FOLDER not in os.environ:
        return
    for file in Path(os.environ[FOLDER]).glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not is_alive(int(pid)):
            with suppress(OSError):
                file.unlink()


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid > 0
