"""Whether news of the registry still come."""

import time
from pathlib import Path

from serving.versions.asking import LOCK
from serving.versions.snapshot import NOT_ASKED, Snapshot
from serving.versions.telling import without_paths

SILENT_SECONDS = 20.0
SILENT_LOOKS = 3


class RegistryNews:
    """Watches how long ago the poller of this machine has looked.

    Args:
        folder: The model's cache folder.
        poll_seconds: How often the registry is asked; so slow a poller is not called silent.
    """

    def __init__(self, folder: Path, poll_seconds: float) -> None:
        self._folder = folder
        self._patience = SILENT_SECONDS + SILENT_LOOKS * poll_seconds
        self._since = time.monotonic()

    def problem(self, seen: Snapshot) -> str | None:
        """Why news are missing; None while they come."""
        if seen.problem:
            # Of an older release, the file may name folders.
            return without_paths(seen.problem)
        if not seen.asked and time.monotonic() - self._since <= self._patience:
            return NOT_ASKED
        try:
            silent = time.time() - (self._folder / LOCK).stat().st_mtime
        except OSError:
            silent = time.monotonic() - self._since
        return "no news of the registry" if silent > self._patience else None
