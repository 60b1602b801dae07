"""What workers ask of the poller, by files in the cache folder: a version, a better copy."""

from contextlib import suppress
from pathlib import Path

from serving.versions.snapshot import VersionInfo
from serving.versions.state import State

WANTED = "wanted"
"""Holds a file for each version that a worker waits for, by number."""
BROKEN = "broken"
"""Holds a file for each copy that a worker found broken, by place."""
LOCK = ".poller.lock"
"""Held by the poller at work, which touches it at each look."""


class Asking:
    """A worker's side of it."""

    def __init__(self, folder: Path, state: State) -> None:
        self._folder, self._state = folder, state

    def bring(self, info: VersionInfo) -> None:
        """Have a version copied into the cache."""
        self._touch(WANTED, str(info.number))

    def mend(self, info: VersionInfo) -> None:
        """Have a copy looked at, and replaced if it is broken."""
        self._touch(BROKEN, info.place)

    def _touch(self, kind: str, name: str) -> None:
        def write() -> None:
            path = self._folder / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

        self._state.attempt(kind, write)


def asked(folder: Path, since: float) -> bool:
    """Whether some worker has asked for something since a moment, in seconds since 1970."""
    for kind in (WANTED, BROKEN):
        for path in (folder / kind).glob("*"):
            with suppress(OSError):
                if path.stat().st_mtime >= since:
                    return True
    return False


def forget_unknown(folder: Path, numbers: set[str], places: set[str]) -> None:
    """Take back what is asked about versions that the registry does not have."""
    for kind, known in ((WANTED, numbers), (BROKEN, places)):
        for path in (folder / kind).glob("*"):
            if path.name not in known:
                path.unlink(missing_ok=True)
