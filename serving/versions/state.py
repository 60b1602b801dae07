"""State on this machine's disk: small files, written whole or not at all.

Answering does not wait for them: what can't be written is told, and tried again until it can.
"""

import logging
import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hitcast.running.files import write_whole
from serving.versions.telling import told

RETRY_SECONDS = 5.0
PROBE_BYTES = 4096
logger = logging.getLogger("hitcast.serving")


class StateError(RuntimeError):
    """What was asked for can't be kept on this machine's disk; nothing has changed."""


class StateFile:
    """A file that a call has written, the same for all workers, also after a restart.

    Args:
        path: The file.
        what: It holds that, for people.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self._what = what

    def write(self, text: str) -> None:
        """Put a text in the place of the one before.

        Raises:
            StateError: if that can't be done; nothing has changed then.
        """
        try:
            write_whole(self.path, text)
        except OSError as error:
            raise self.refusal(error) from error

    def clear(self) -> None:
        """Remove it.

        Raises:
            StateError: if that can't be done.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self.refusal(error) from error

    def refusal(self, error: OSError) -> StateError:
        """What to say where the disk does not take it."""
        return StateError(
            f"{self._what} can't be kept on this machine ({told(error)}), so nothing has changed; "
            "make room or set the folder's rights, then ask again"
        )


def stamp_of(path: Path) -> tuple[int, int] | None:
    """What changes when a file is replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


class State:
    """Writes to one folder that nobody waits for.

    Attributes:
        problems: What can't be written now and why, by name; empty while all is well.
    """

    def __init__(self, folder: Path) -> None:
        self.problems: dict[str, str] = {}
        self._folder = folder
        self._due: dict[str, Callable[[], object]] = {}
        self._tend_at = 0.0

    def attempt(self, name: str, write: Callable[[], object]) -> bool:
        """Write something; what fails is told once, and done again by `tend`."""
        try:
            write()
        except OSError as error:
            if name not in self.problems:
                logger.error("%s can't be written: %s; answers go on", name, error)
            self.problems[name] = f"{name} can't be written: {told(error)}"
            self._due[name] = write
            return False
        if self.problems.pop(name, None):
            logger.warning("%s can be written again", name)
        self._due.pop(name, None)
        return True

    def tend(self) -> None:
        """Now and then, do again what failed, and see whether the folder still takes anything."""
        if time.monotonic() < self._tend_at:
            return
        self._tend_at = time.monotonic() + RETRY_SECONDS
        for name, write in list(self._due.items()):
            self.attempt(name, write)
        self.attempt("the model cache", self._probe)

    def _probe(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        probe = self._folder / f".probe.{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            probe.write_bytes(bytes(PROBE_BYTES))
        finally:
            with suppress(OSError):
                probe.unlink(missing_ok=True)
