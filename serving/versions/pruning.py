"""What the poller clears away: copies that nobody uses any more, and what the killed left behind.

Only the poller that holds the lock does so. A copy that some worker has in memory may go: workers
hold what they still have to read of it.
"""

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from serving.experiments.kept import pinned
from serving.versions.asking import WANTED
from serving.versions.cache import VERSIONS, ScorerCache
from serving.versions.fetching import SCRATCH
from serving.versions.last_good import last_good
from serving.versions.selection import selected_version
from serving.versions.snapshot import SNAPSHOT_FILE, Snapshot
from serving.versions.workers import WORKERS, bury, living

KEPT = 3
"""Copies that are kept for their last use alone."""
FRESH_SECONDS = 120.0
"""What was used or brought so lately may still be about to be loaded."""
STALE_SECONDS = 60.0
"""A partial file of this age has no writer any more."""


def prune(folder: Path, seen: Snapshot) -> None:
    """Remove the cached copies beyond those that are named, served, wanted or lately used.

    An experiment's stay for as long as it runs.
    """
    cache = ScorerCache(folder)
    kept = set(_named(folder, seen))
    others = [name for name in cache.names() if name not in kept]
    for name in others[KEPT:]:
        if cache.used_at(name) < time.time() - FRESH_SECONDS:
            cache.drop(name)
    with suppress(OSError):
        bury(folder)


def _named(folder: Path, seen: Snapshot) -> Iterable[str]:
    """The places of versions that have a reason to be here."""
    numbers = set(seen.aliases.values()) | {selected_version(folder) or 0}
    for path in (folder / WANTED).glob("*"):
        if path.name.isdecimal():
            numbers.add(int(path.name))
    for number in numbers & seen.versions.keys():
        yield seen.versions[number].place
    good = last_good(folder)
    if good is not None:
        yield good.place
    # By their places: the registry may have neither alias nor version any more.
    yield from pinned(folder)
    for _, report in living(folder):
        if report.place is not None:
            yield report.place


def tidy(folder: Path) -> None:
    """Remove what a killed poller, or a worker that died while writing, has left half-made."""
    for pattern in (f"{VERSIONS}/.*", f"{SCRATCH}*", "tmp????????"):
        for path in folder.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
    for pattern in (f".{SNAPSHOT_FILE}.*", ".*.json.*", ".probe.*", f"{WORKERS}/.*"):
        own = pattern.startswith(f".{SNAPSHOT_FILE}")
        for path in folder.glob(pattern):
            with suppress(OSError):
                if own or path.stat().st_mtime < time.time() - STALE_SECONDS:
                    path.unlink()
