"""The inference log: every answer in a segment file before it is sent.

One line a row, one write a request, so that what was answered is in the file even if the process
is killed. What takes long (putting files on disk, closing them, counting the folder) is done by
`keep_up`, in a thread beside the answers.
"""

import logging
import threading
import time
from pathlib import Path

from hitcast.running.log_files import COLLECTED, delete_delivered
from serving.files import bytes_in
from serving.log.segment import Segment, adopt
from serving.log.shipping import Shipper

RETRY_SECONDS = 10.0
COUNT_SECONDS = 10.0
NEARLY = 0.9
"""From this share of the limit on, the log tells that it will be full."""
logger = logging.getLogger("hitcast.serving")


class InferenceLog:
    """Appends answers to segments in one folder; many processes may share the folder.

    Threads may append, too, while another one keeps up.

    Args:
        folder: Made when the first answer is logged.
        max_bytes: A segment of this size is closed.
        max_seconds: A segment of this age is closed.
        limit: The folder's largest size in bytes; beyond it answers go on unlogged.
        ship_to: A folder that closed segments are brought to; none: they stay for `collect`.
        name: What it is called in messages.

    Attributes:
        problem: Why nothing is being logged; None while all is well.
        lost: Answers that could not be logged.
        unclosed: Why what was written is not on disk; None while it is.
        folder_bytes: The size of the folder as last counted, without what was collected, and what
            was written since.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int,
        max_seconds: float,
        limit: int,
        ship_to: str | None = None,
        name: str = "the inference log",
    ) -> None:
        self.problem: str | None = None
        self.lost = 0
        self.unclosed: str | None = None
        self.folder_bytes = 0
        self._folder, self._max_bytes, self._max_seconds = folder, max_bytes, max_seconds
        self._limit, self._name = limit, name
        self._shipper = Shipper(folder, ship_to, name=name) if ship_to else None
        self._segment: Segment | None = None
        self._full: list[Segment] = []
        self._keeping_up = threading.Lock()
        self._appending = threading.Lock()
        self._retry_at = self._count_at = 0.0

    @property
    def lag(self) -> float:
        """Seconds since the open segment was begun; 0 without one."""
        segment = self._segment
        return segment.age if segment else 0.0

    @property
    def warning(self) -> str | None:
        """What will soon be a problem, or is one; None while all is well."""
        if self.problem is None and self.folder_bytes >= NEARLY * self._limit:
            return (
                f"{self._name} holds {self.folder_bytes // 2**20} of "
                f"{self._limit // 2**20} MiB: collect it, or raise HITCAST_LOG_LIMIT_BYTES"
            )
        shipping = self._shipper.problem if self._shipper else None
        return self.problem or self.unclosed or shipping

    def append(self, lines: bytes, answers: int) -> bool:
        """Log the lines of a request with so many answers; returns whether they are in the file.

        A full disk or folder loses them, which is counted, told once, and tried again later.
        """
        with self._appending:
            return self._append(lines, answers)

    def _append(self, lines: bytes, answers: int) -> bool:
        if self.problem is not None and time.monotonic() < self._retry_at:
            self.lost += answers
            return False
        try:
            if self.folder_bytes + len(lines) > self._limit:
                raise OSError(0, f"its folder holds {self._limit} bytes, as much as it may")
            if self._segment is None:
                self._segment = Segment(self._folder)
            self._segment.write(lines)
        except OSError as error:
            self._fail(error, answers)
            return False
        if self.problem is not None:
            logger.warning("%s works again; %d lines were not kept", self._name, self.lost)
            self.problem = None
        self.folder_bytes += len(lines)
        if self._segment.size >= self._max_bytes:
            self._set_aside(self._segment)
        return True

    def tick(self) -> None:
        """Set the open segment aside if it is old enough, or gone."""
        with self._appending:
            segment = self._segment
            if segment is None:
                return
            if not segment.is_there:
                logger.error("%s is gone, with all its lines; beginning another", segment.path.name)
                self._set_aside(segment)
            elif segment.age >= self._max_seconds:
                self._set_aside(segment)

    def keep_up(self) -> None:
        """Put on disk what was written and close what was set aside; may be called in a thread."""
        with self._keeping_up:
            try:
                while self._full:
                    self._full[0].finish()
                    self._full.pop(0)
                if (segment := self._segment) is not None:
                    segment.sync()
                self.unclosed = None
                if time.monotonic() >= self._count_at:
                    self._count_at = time.monotonic() + COUNT_SECONDS
                    delete_delivered(self._folder)
                    # What was collected is another's to delete, and no reason to stop.
                    collected = bytes_in(self._folder / COLLECTED)
                    self.folder_bytes = bytes_in(self._folder) - collected
            except OSError as error:
                if self.unclosed is None:
                    logger.warning("%s's files can't be put on disk: %s", self._name, error)
                self.unclosed = f"{self._name} can't be put on disk: {error.strerror}"

    def ship(self) -> None:
        """Bring closed segments to where they shall last; may take long, so in a thread of its own.

        Not a part of `keep_up`, which must not wait for another machine.
        """
        if self._shipper is not None:
            self._shipper.ship()

    def close(self) -> None:
        """Close the open segment, if there is one, and all that were set aside."""
        with self._appending:
            if self._segment is not None:
                self._set_aside(self._segment)
        self.keep_up()
        self.ship()

    def adopt(self) -> int:
        """Close the segments of writers that died; returns how many there were."""
        return adopt(self._folder)

    def _set_aside(self, segment: Segment) -> None:
        """Write no more to the open segment; `keep_up` closes it."""
        self._full.append(segment)
        self._segment = None

    def _fail(self, error: OSError, answers: int) -> None:
        self.lost += answers
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if self.problem is None:
            logger.error("%s is off: %s; answers go on without it", self._name, error)
        self.problem = f"{self._name} is off: {error.strerror or error}"
