"""Metrics of all workers in one place, so that a scrape of any of them tells of all.

`uvicorn --workers N` starts N processes, and Prometheus' client counts in each by itself, unless
it is told of a folder before it is imported. Standard library alone.
"""

import fcntl
import hashlib
import logging
import multiprocessing
import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
NAME = re.compile(r"hitcast-metrics-[0-9a-f]{16}")
LOCK = ".lock"
FILES = ("counter", "histogram", "gauge_livemin", "gauge_livemax", "gauge_livemostrecent")
"""What Prometheus' client keeps a file of, for each process."""
FILE_BYTES = 2**20
"""Room for some 5,000 values, which is more than there are."""
logger = logging.getLogger("hitcast.serving")
_held: list[int] = []


def share_metrics() -> None:
    """Name a folder for this process and those that were started with it, where there are such.

    A folder that is set already stays. Folders that no process holds any more are deleted. Where
    there is no room, each worker counts for itself: the files are written through memory, which
    ends a process (SIGBUS) whose disk is full by then, so they get all their room now.
    """
    if multiprocessing.parent_process() is None or FOLDER in os.environ:
        return
    # A secret that only the processes of one server have.
    family = hashlib.sha256(multiprocessing.current_process().authkey).hexdigest()[:16]
    try:
        place = Path(tempfile.gettempdir(), f"hitcast-metrics-{family}")
        _held.append(_made(place))
        for kind in FILES:
            _reserve(place / f"{kind}_{os.getpid()}.db")
        _sweep(place.parent)
    except OSError as error:
        logger.error("metrics of each worker stand alone, for they have no folder: %s", error)
        return
    os.environ[FOLDER] = str(place)


def forget_the_dead() -> None:
    """Take the gauges of workers that have ended out of the sum; what they counted stays in it."""
    if FOLDER not in os.environ:
        return
    for file in Path(os.environ[FOLDER]).glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            with suppress(OSError):
                file.unlink()


def _made(place: Path) -> int:
    """Make a folder and hold it; another server may take it for a dead one's in between.

    Raises:
        OSError: if there is none to be had.
    """
    for _ in range(10):
        place.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileNotFoundError, BlockingIOError):
            file = _lock(place, fcntl.LOCK_SH)
            if (place / LOCK).exists():
                return file
            os.close(file)
    raise OSError(f"{place} can't be held")


def _reserve(file: Path) -> None:
    """Make a file with all the room that it will need.

    Raises:
        OSError: if there is none.
    """
    with file.open("ab") as made:
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(made.fileno(), 0, FILE_BYTES)
        except OSError:
            file.unlink()
            raise


def _sweep(folder: Path) -> None:
    """Delete the folders that no process holds, of this user."""
    for place in folder.glob("hitcast-metrics-*"):
        with suppress(OSError):
            if NAME.fullmatch(place.name) and place.stat().st_uid == os.getuid():
                os.close(_lock(place, fcntl.LOCK_EX))
                shutil.rmtree(place, ignore_errors=True)


def _lock(place: Path, kind: int) -> int:
    """Hold a folder; whoever lives does, in whatever container.

    Raises:
        OSError: if another process holds it in another way.
    """
    file = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return pid > 0
