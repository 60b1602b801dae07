"""One file of the inference log: locked while it is written, on disk for good before it is closed.

A line is in the file once `write` returns, which a killed process does not change; it is on disk
once `sync` has returned, which a power cut does not change either.
"""

import fcntl
import os
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hitcast.running.files import sync_folder
from hitcast.running.log_files import OPEN, SEGMENT
from serving.files import is_still_at

NAMED_SECONDS = 60.0
"""A new file has its name sooner than that."""


class Segment:
    """A file that lines are appended to, by one process.

    Args:
        folder: Made if it is not there.

    Attributes:
        path: The file, named `.open` until `finish`.
        size: Its bytes.

    Raises:
        OSError: if the file can't be made.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        name = f"{stamp}-{os.getpid()}-{uuid.uuid4().hex[:8]}{SEGMENT}"
        hidden = folder / f".{name}"
        self.path, self.size = folder / f"{name}{OPEN}", 0
        self._begun = time.monotonic()
        self._synced = 0
        self._file = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        try:
            # Locked before it gets a name that others look for.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            hidden.rename(self.path)
        except OSError:
            os.close(self._file)
            hidden.unlink(missing_ok=True)
            raise

    @property
    def age(self) -> float:
        """Seconds since it was begun."""
        return time.monotonic() - self._begun

    @property
    def is_there(self) -> bool:
        """Whether the file still has its name."""
        return is_still_at(self.path, self._file)

    def write(self, lines: bytes) -> None:
        """Append whole lines, all of them or none.

        Raises:
            OSError: if there is no room for them.
        """
        try:
            written = os.write(self._file, lines)
            while written < len(lines):  # One call writes 2 GiB at most.
                written += os.write(self._file, lines[written:])
        except OSError:
            os.ftruncate(self._file, self.size)
            raise
        self.size += len(lines)

    def sync(self) -> None:
        """Put on disk what has been written; nothing to do where it is there already."""
        size = self.size
        if size > self._synced:
            os.fsync(self._file)
            self._synced = size

    def finish(self) -> None:
        """Put the file on disk, then give it the name of a closed segment.

        Raises:
            OSError: if that can't be done now; it may be tried again.
        """
        os.fsync(self._file)
        if self.is_there:
            self.path.rename(self.path.with_suffix(""))
            sync_folder(self.path.parent)
        os.close(self._file)


def adopt(folder: Path) -> int:
    """Close the segments of writers that died; returns how many there were."""
    found = 0
    for path in folder.glob(f".*{SEGMENT}"):
        # Killed before it had its name; nothing is in it.
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > NAMED_SECONDS:
                path.unlink()
    for path in folder.glob(f"*{OPEN}"):
        try:
            file = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _drop_half_line(file)
            os.fsync(file)
            path.rename(path.with_suffix(""))
            found += 1
        except OSError:
            pass  # Its writer lives, or another process has just closed it.
        finally:
            os.close(file)
    if found:
        sync_folder(folder)
    return found


def _drop_half_line(file: int) -> None:
    """Cut off what a writer that was killed has left of its last line: it was never answered."""
    size = os.fstat(file).st_size
    whole = size
    while whole:
        start = max(0, whole - 65536)
        end = os.pread(file, whole - start, start).rfind(b"\n")
        whole = start + end + 1 if end >= 0 else start
        if end >= 0:
            break
    if whole < size:
        os.ftruncate(file, whole)
