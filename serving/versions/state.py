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

from serving.versions.telling import told

RETRY_SECONDS = 5.0
PROBE_BYTES = 4096
logger = logging.getLogger("hitcast.serving")


class StateError(RuntimeError):
    """What was asked for can't be kept on this machine's disk; nothing has changed."""


def write_whole(path: Path, text: str) -> None:
    """Write a small file so that readers see the old text or the new one, nothing between."""
    partial = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


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
