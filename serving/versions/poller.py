"""The process that asks the registry, so that the API need not import MLflow.

One poller works for all workers of a machine: whoever holds the lock. It ends with the worker that
started it. Run as `python -m serving.versions.poller` with the home folder, the model, the model's
cache folder, the seconds between two looks and the number of the process that starts it.
"""

import fcntl
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hitcast.running.home import Home
from serving.files import is_still_at
from serving.json_logs import log_in_json
from serving.versions.asking import LOCK, asked
from serving.versions.pruning import tidy
from serving.versions.registry_poller import RegistryPoller

STEP_SECONDS = 0.5
FAILED_SECONDS = 10.0
"""A look that failed is not repeated sooner because somebody asks for a version."""
# A server that is down is asked again soon enough; MLflow's own patience is minutes.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}


def main(arguments: list[str]) -> int:
    """Watch until the parent process ends."""
    home, model = Home.resolve(arguments[0]), arguments[1]
    folder, seconds = Path(arguments[2]), float(arguments[3])
    # Told, not asked: whoever started this may have ended by now.
    parent = int(arguments[4])
    log_in_json()
    for name, value in PATIENCE.items():
        os.environ.setdefault(name, value)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        while not _locked(lock.fileno()):
            time.sleep(STEP_SECONDS)
            if os.getppid() != parent:
                return 0
        tidy(folder)
        poller = RegistryPoller(home, model, folder)
        database = _database(home)
        # A cache that was removed while it was in use is begun anew, by another poller.
        while os.getppid() == parent and is_still_at(folder / LOCK, lock.fileno()):
            begun = time.time()
            poller.look()
            if poller.is_written:
                os.utime(lock.fileno())
            soonest = FAILED_SECONDS if poller.problem else STEP_SECONDS
            _wait(seconds, soonest, parent, partial(asked, folder, begun))
            now = _database(home)
            if database is not None and now is not None and now != database:
                # MLflow's pool still holds the file that was there before: start afresh.
                return 0
            database = now or database
    return 0


def _wait(seconds: float, soonest: float, parent: int, is_asked: Callable[[], bool]) -> None:
    """Wait for the next look: until it is time, or some worker asks for something."""
    begun = time.monotonic()
    while (gone := time.monotonic() - begun) < seconds and os.getppid() == parent:
        if gone >= soonest and is_asked():
            return
        time.sleep(min(STEP_SECONDS, seconds - gone))


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _database(home: Home) -> tuple[int, int] | None:
    """Which file the tracking database is; None for a server, or where there is none."""
    path = Path(home.tracking_uri.removeprefix("sqlite:///"))
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
