"""Versions in memory: loaded from the cache once, the ones asked for last kept."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from serving.versions.cache import ScorerCache
from serving.versions.registry_poller import WANTED
from serving.versions.served import Served
from serving.versions.snapshot import Snapshot, VersionInfo

FETCH_SECONDS = 45.0


class NotReadyError(RuntimeError):
    """Nothing can answer yet; says what to do."""


class WarmVersions:
    """Loads versions from the cache and has the poller fetch those that are not there.

    Args:
        folder: The model's cache folder.
        use_case: What callers can give a model.
        kept: How many versions stay in memory beside the newest.
    """

    def __init__(self, folder: Path, use_case: UseCase, kept: int) -> None:
        self._folder, self._use_case, self._kept = folder, use_case, kept
        self._cache = ScorerCache(folder)
        self._held: OrderedDict[str, Served] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    def has(self, info: VersionInfo) -> bool:
        """Whether a version's files are on this machine."""
        return self._cache.has(info.place)

    async def load(self, info: VersionInfo) -> Served:
        """A version from memory, else from the cache's files, in a thread of its own.

        Raises:
            HitcastError: if the files are broken; the poller is asked to bring them again.
        """
        async with self._locks.setdefault(info.place, asyncio.Lock()):
            if info.place in self._held:
                self._held.move_to_end(info.place)
                return self._held[info.place]
            try:
                folder = await asyncio.to_thread(self._cache.check, info.place)
                served = await asyncio.to_thread(Served, info, folder, self._use_case)
            except HitcastError:
                self._cache.drop(info.place)
                self.ask_for(info)
                raise
            self._held[info.place] = served
            while len(self._held) > self._kept + 1:
                gone, _ = self._held.popitem(last=False)
                self._locks.pop(gone, None)
            return served

    async def fetch(self, info: VersionInfo, registry: Callable[[], Snapshot]) -> None:
        """Wait until a version's files are on this machine.

        Args:
            info: The version.
            registry: Gives the newest snapshot, which says if the version can't be fetched.

        Raises:
            NotReadyError: if they do not come.
        """
        if self.has(info):
            return
        self.ask_for(info)
        deadline = time.monotonic() + FETCH_SECONDS
        while not self.has(info):
            known = registry().versions.get(info.number)
            if time.monotonic() > deadline or (known is not None and known.problem):
                reason = known.problem if known and known.problem else "the registry is slow"
                raise NotReadyError(f"version {info.number} can't be fetched: {reason}")
            await asyncio.sleep(0.05)

    def ask_for(self, info: VersionInfo) -> None:
        """Have the poller copy a version into the cache."""
        wanted = self._folder / WANTED
        wanted.mkdir(parents=True, exist_ok=True)
        (wanted / str(info.number)).touch()
