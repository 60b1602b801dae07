"""One process that follows the registries of all homes of a test run.

Each API starts a poller of its own, which imports MLflow (4 s, 200 MB) as soon as it holds the
home's lock. This process imports MLflow once and holds the locks, so that the others only wait;
what it does at each look is `RegistryPoller.look`. Tests of the poller's own life do without it.
"""

import fcntl
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hitcast.running.home import Home
from serving.versions import fetching
from serving.versions.asking import LOCK, asked
from serving.versions.registry_poller import RegistryPoller
from tests.conftest import ROOT
from tests.jobs.commands import activated

TICK_SECONDS, IDLE_SECONDS = 0.05, 1.0


@contextmanager
def followed(home: Path, model: str = "spotify") -> Iterator[None]:
    """Within the block, a home's registry is followed; it has been looked at once before."""
    _tell("follow", home, model)
    try:
        yield
    finally:
        _tell("leave", home, model)


def _tell(what: str, home: Path, model: str) -> None:
    follower = _follower()
    assert follower.stdin is not None and follower.stdout is not None
    follower.stdin.write(json.dumps([what, str(home), model]) + "\n")
    follower.stdin.flush()
    assert follower.stdout.readline() == "done\n", "the process that follows registries has ended"


@cache
def _follower() -> subprocess.Popen[str]:
    """The process; it ends when the tests' process ends, which closes its stdin."""
    command = [sys.executable, "-m", "tests.serving.following"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=ROOT, env=activated(), stdin=pipe, stdout=pipe, text=True,
        start_new_session=True,
    )  # fmt: skip


class Followed:
    """A home whose lock this process holds."""

    def __init__(self, home: Home, model: str) -> None:
        folder = home.folder / "model_cache" / model
        folder.mkdir(parents=True, exist_ok=True)
        self._database, self._folder = home.folder / "mlflow.db", folder
        self._lock = (folder / LOCK).open("a")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._poller = RegistryPoller(home, model, folder)
        self._seen: Any = None
        self._due = self._looked = 0.0
        self._followers = 0

    def look(self) -> None:
        """Look at the registry if it has changed, if a version is asked for, or once a second."""
        try:
            now: Any = self._database.stat()
            found = (now.st_mtime_ns, now.st_size, now.st_ino)
        except OSError:
            found = None
        is_asked = asked(self._folder, self._looked)
        if found != self._seen or is_asked or time.monotonic() >= self._due:
            self._looked = time.time()
            self._poller.look()
            self._seen, self._due = found, time.monotonic() + IDLE_SECONDS
            os.utime(self._lock.fileno())

    def enter(self) -> None:
        """One more follows the home: look at once."""
        self._followers += 1
        self._due = 0.0
        self.look()

    def leave(self) -> bool:
        """One less; the last lets others have the lock, which is told."""
        self._followers -= 1
        if self._followers == 0:
            self._lock.close()
        return self._followers == 0


def main() -> None:
    """Follow homes as told, a JSON line a call, until there are no more lines."""
    homes: dict[tuple[str, str], Followed] = {}
    # No test has to wait as long as a server may.
    fetching.RETRY_SECONDS = 2.0
    # What libraries print is no answer.
    answers = os.dup(1)
    os.dup2(2, 1)
    while True:
        while select.select([0], [], [], TICK_SECONDS)[0]:
            line = _line()
            if not line:
                return
            what, *which = json.loads(line)
            place = (which[0], which[1])
            if what == "follow":
                if place not in homes:
                    homes[place] = Followed(Home(Path(place[0])), place[1])
                homes[place].enter()
            elif homes[place].leave():
                del homes[place]
            os.write(answers, b"done\n")
        for home in homes.values():
            home.look()


def _line() -> bytes:
    """One line of stdin, read byte by byte: what is buffered would not wake `select`."""
    found = b""
    while not found.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return b""
        found += byte
    return found


if __name__ == "__main__":
    main()
