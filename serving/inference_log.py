"""The inference log: every answer in a segment file before it is sent.

One line a request, one write a line, so that what was answered is in the file even if the process
is killed. The segment that is being written ends in `.open` and is locked by its writer; it is
closed by a rename. A segment whose writer died is closed by the next process that starts.
"""

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

OPEN = ".open"
RETRY_SECONDS = 10.0
logger = logging.getLogger("hitcast.serving")


class InferenceLog:
    """Appends answers to segments in one folder; many processes may share the folder.

    Args:
        folder: Made when the first answer is logged.
        max_bytes: A segment of this size is closed.
        max_seconds: A segment of this age is closed.

    Attributes:
        problem: Why nothing is being logged; None while all is well.
        lost: Answers that could not be logged.
    """

    def __init__(self, folder: Path, *, max_bytes: int, max_seconds: float) -> None:
        self.problem: str | None = None
        self.lost = 0
        self._folder, self._max_bytes, self._max_seconds = folder, max_bytes, max_seconds
        self._file: int | None = None
        self._path = folder
        self._size = 0
        self._begun = self._retry_at = 0.0

    @property
    def lag(self) -> float:
        """Seconds since the open segment was begun; 0 without one."""
        return 0.0 if self._file is None else time.monotonic() - self._begun

    def append(self, record: Mapping[str, Any]) -> None:
        """Log one request. A full disk loses the record, is told once, and is tried again later."""
        if self.problem is not None and time.monotonic() < self._retry_at:
            self.lost += 1
            return
        line = orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
        try:
            if self._file is None:
                self._begin()
            assert self._file is not None
            written = os.write(self._file, line)
            if written < len(line):
                os.ftruncate(self._file, self._size)
                raise OSError("no space left for a whole line")
        except OSError as error:
            self._fail(error)
            return
        if self.problem is not None:
            logger.warning("the inference log works again; %d answers were not logged", self.lost)
            self.problem = None
        self._size += written
        if self._size >= self._max_bytes:
            self.close()

    def tick(self) -> None:
        """Close the open segment if it is old enough; to be called now and then."""
        if self._file is not None and self.lag >= self._max_seconds:
            self.close()

    def close(self) -> None:
        """Close the open segment, if there is one."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            self._path.rename(self._path.with_suffix(""))
        except OSError as error:
            logger.warning("%s can't be closed: %s", self._path.name, error.strerror)
        os.close(file)

    def adopt(self) -> int:
        """Close the segments of writers that died; returns how many there were."""
        found = 0
        for path in self._folder.glob(f"*{OPEN}"):
            try:
                file = os.open(path, os.O_RDWR)
            except OSError:
                continue
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _drop_half_line(file)
                path.rename(path.with_suffix(""))
                found += 1
            except OSError:
                pass  # Its writer lives, or another process has just closed it.
            finally:
                os.close(file)
        return found

    def _begin(self) -> None:
        """Begin a segment: locked before it gets a name that others look for."""
        self._folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{stamp}-{os.getpid()}-{uuid.uuid4().hex[:8]}.jsonl"
        hidden = self._folder / f".{name}"
        file = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._path = self._folder / f"{name}{OPEN}"
            hidden.rename(self._path)
        except OSError:
            os.close(file)
            raise
        self._file, self._size, self._begun = file, 0, time.monotonic()

    def _fail(self, error: OSError) -> None:
        self.lost += 1
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if self.problem is None:
            logger.error("the inference log is off: %s; answers go on unlogged", error)
        self.problem = f"the inference log is off: {error.strerror or error}"


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
