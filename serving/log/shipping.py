"""Bringing closed segments to a folder that outlasts their disk, as an app's is gone with the app.

A segment comes whole or not at all, under the name that it has here, so that one which is sent
twice is one file; then it is marked as delivered here, and deleted (`hitcast.running.log_files`). A
folder of a volume (`/Volumes/…`) is written through Databricks' own client where it is not mounted,
which it is not in an app.
"""

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from hitcast.running.log_files import LOCK, closed, is_delivered, mark_delivered

VOLUMES = Path("/Volumes")
RETRY_SECONDS = 30.0
PATIENCE_SECONDS = 60
"""How long Databricks' client tries one call again."""
Send = Callable[[Path], None]
logger = logging.getLogger("hitcast.serving")


class Shipper:
    """Sends the closed segments of a folder; many processes may share the folder.

    Args:
        folder: Where the segments lie.
        target: The folder that they are sent to.
        send: Sends one segment; else by copying, or to a volume that is not mounted by Databricks'
            client.
        name: What the segments are of, in messages.

    Attributes:
        problem: Why segments stay; None while all is well.
    """

    def __init__(
        self,
        folder: Path,
        target: str,
        send: Send | None = None,
        *,
        name: str = "the inference log",
    ) -> None:
        self.problem: str | None = None
        self._folder, self._target, self._name = folder, target, name
        self._send = send or sender_to(target)
        self._retry_at = 0.0

    def ship(self) -> int:
        """Send what is closed and was not sent yet, oldest first; returns how many there were.

        What can't be sent is told once, stays, and is tried again later; may be called in a thread.
        """
        if time.monotonic() < self._retry_at or not self._folder.is_dir():
            return 0
        lock = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o640)
        sent = 0
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for segment in closed(self._folder):
                if not is_delivered(segment):
                    self._send(segment)
                    mark_delivered(segment)
                    sent += 1
            self._well()
        except BlockingIOError:
            pass  # Another process is at it.
        except Exception as error:
            self._fail(error)
        finally:
            os.close(lock)
        return sent

    def _well(self) -> None:
        if self.problem is not None:
            logger.warning("%s is sent to %s again", self._name, self._target)
        self.problem = None

    def _fail(self, error: Exception) -> None:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        told = " ".join(str(error).split())
        if self.problem is None:
            logger.error("%s can't be sent to %s: %s", self._name, self._target, told)
        self.problem = f"{self._name} can't be sent to {self._target}: {told}"


def sender_to(target: str) -> Send:
    """What sends a segment to a folder."""
    if Path(target).is_relative_to(VOLUMES) and not VOLUMES.is_dir():
        return _Uploads(target)

    def copy(segment: Path) -> None:
        place = Path(target)
        place.mkdir(parents=True, exist_ok=True)
        # Hidden until it is whole: who reads there looks for names without a dot before them.
        hidden = place / f".{segment.name}"
        shutil.copyfile(segment, hidden)
        with hidden.open("rb+") as file:
            os.fsync(file.fileno())
        hidden.rename(place / segment.name)

    return copy


class _Uploads:
    """Sends segments to a folder of a volume; a file shows there when it is whole."""

    def __init__(self, target: str) -> None:
        self._target = PurePosixPath(target)
        self._files: Any = None

    def __call__(self, segment: Path) -> None:
        if self._files is None:
            from databricks.sdk import WorkspaceClient
            from databricks.sdk.config import Config

            files = WorkspaceClient(config=Config(retry_timeout_seconds=PATIENCE_SECONDS)).files
            files.create_directory(str(self._target))
            self._files = files
        with segment.open("rb") as contents:
            self._files.upload(str(self._target / segment.name), contents, overwrite=True)
