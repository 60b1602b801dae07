"""The process that asks the registry, so that the API need not import MLflow.

One poller works for all workers of a machine: whoever holds the lock. It copies the versions that
aliases name, and those that workers ask for, into the cache, and writes what it saw to a file. It
ends with the worker that started it. Run as `python -m serving.versions.registry_poller` with the
home folder, the model and the seconds between two looks.
"""

import fcntl
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from hitcast.errors import HitcastError
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.versions.cache import ScorerCache
from serving.versions.snapshot import Snapshot, VersionInfo

WANTED = "wanted"
LOCK = ".poller.lock"
"""Held by the poller at work, which touches it at each look."""
RETRY_SECONDS = 10.0
# A server that is down is asked again soon enough; MLflow's own patience is minutes.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}


class RegistryPoller:
    """Keeps the cache and the snapshot in step with the registry.

    Args:
        home: Says where the registry is.
        model: The registered model.
        folder: The model's cache folder, shared with the workers.
    """

    def __init__(self, home: Home, model: str, folder: Path) -> None:
        self._home, self._model, self._folder = home, model, folder
        self._cache = ScorerCache(folder)
        self._metrics: dict[str, dict[str, float]] = {}
        self._failed: dict[str, tuple[str, float]] = {}
        self._written: Snapshot | None = None

    def look(self) -> None:
        """Ask the registry once and write down what is new."""
        last = self._written or Snapshot.load(self._folder)
        try:
            found = self._ask()
            if last.versions and not found.versions:
                # Sooner an accident than meant: a new, empty database in the old one's place.
                told = f"the registry has no version of {self._model} any more"
                found = Snapshot(last.versions, last.aliases, told)
        except HitcastError as error:
            found = Snapshot(last.versions, last.aliases, str(error))
        except Exception as error:
            told = f"the registry does not answer ({type(error).__name__})"
            found = Snapshot(last.versions, last.aliases, told)
        if found != self._written:
            found.save(self._folder)
            self._written = found

    def _ask(self) -> Snapshot:
        registry = Registry(self._home, self._model)
        aliases = registry.aliases()
        versions = {}
        for version in registry.versions():
            info = VersionInfo(version.number, version.run_id, version.created, dict(version.tags))
            wanted = self._folder / WANTED / str(version.number)
            if version.number in aliases.values() or wanted.exists():
                self._bring(registry, info)
                wanted.unlink(missing_ok=True)
            problem = self._failed.get(info.place, (None, 0.0))[0]
            metrics = self._figures(registry, info)
            versions[version.number] = replace(info, metrics=metrics, problem=problem)
        return Snapshot(versions, aliases)

    def _bring(self, registry: Registry, info: VersionInfo) -> None:
        """Copy a version into the cache; one that can't be copied is tried again later."""
        problem, tried = self._failed.get(info.place, (None, 0.0))
        if self._cache.has(info.place) or (problem and time.monotonic() < tried + RETRY_SECONDS):
            return
        try:
            with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
                self._cache.add(info.place, registry.download_scorer(info.number, Path(scratch)))
        except Exception as error:
            told = f"its scorer can't be fetched ({type(error).__name__})"
            self._failed[info.place] = (told, time.monotonic())
        else:
            self._failed.pop(info.place, None)

    def _figures(self, registry: Registry, info: VersionInfo) -> dict[str, float]:
        """The training's metrics, asked for once; none where the run is gone."""
        if info.run_id not in self._metrics:
            try:
                self._metrics[info.run_id] = registry.metrics(info.run_id)
            except Exception:
                self._metrics[info.run_id] = {}
        return self._metrics[info.run_id]


def main(arguments: list[str]) -> int:
    """Watch until the parent process ends."""
    home, model = Home.resolve(arguments[0]), arguments[1]
    folder, seconds = Path(arguments[2]), float(arguments[3])
    parent = os.getppid()
    for name, value in PATIENCE.items():
        os.environ.setdefault(name, value)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        while not _locked(lock.fileno()):
            time.sleep(0.5)
            if os.getppid() != parent:
                return 0
        poller = RegistryPoller(home, model, folder)
        database = _database(home)
        while os.getppid() == parent:
            poller.look()
            os.utime(lock.fileno())
            time.sleep(seconds)
            now = _database(home)
            if database is not None and now is not None and now != database:
                # MLflow's pool still holds the file that was there before: start afresh.
                return 0
            database = now or database
    return 0


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
