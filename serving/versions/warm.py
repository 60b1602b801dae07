"""Versions in memory: loaded from the cache once, the ones asked for last kept."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from serving.versions.asking import Asking
from serving.versions.cache import BrokenCopyError, Copies, ScorerCache
from serving.versions.refusals import NotReadyError, Refusals
from serving.versions.served import Served
from serving.versions.snapshot import Snapshot, VersionInfo
from serving.versions.state import State
from serving.versions.telling import told

FETCH_SECONDS = 45.0
USED_SECONDS = 60.0
logger = logging.getLogger("hitcast.serving")


class WarmVersions:
    """Loads versions from the cache and has the poller fetch those that are not there.

    Args:
        folder: The model's cache folder.
        use_case: What callers can give a model.
        kept: How many versions stay in memory beside the newest.
        state: Takes the writes.
        copies: Where versions' files lie, if not in the cache folder.

    Attributes:
        refusals: What can't be loaded as it is.
    """

    def __init__(
        self,
        folder: Path,
        use_case: UseCase,
        kept: int,
        state: State,
        copies: Copies | None = None,
    ) -> None:
        self._cache = copies or ScorerCache(folder)
        self.refusals = Refusals(self._cache)
        self._use_case, self._kept = use_case, kept
        self._asking, self._state = Asking(folder, state), state
        self._held: OrderedDict[str, Served] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._used: dict[str, float] = {}
        self._pinned: frozenset[str] = frozenset()

    def has(self, info: VersionInfo) -> bool:
        """Whether a version's files are on this machine, and not known to be broken."""
        return self._cache.has(info.place) and not self.refusals.is_broken(info.place)

    def holds(self, info: VersionInfo) -> bool:
        """Whether a version is in memory."""
        return info.place in self._held

    def pin(self, places: Iterable[str]) -> None:
        """Keep these in memory, beside those asked for last, until others are to be kept."""
        self._pinned = frozenset(places)
        self._make_room()

    async def load(self, info: VersionInfo) -> Served:
        """A version from memory, else from the cache's files, in a thread of its own.

        Raises:
            BrokenCopyError: if the copy is broken; the poller is asked to bring another.
            HitcastError: if it can't be served, which is remembered for as long as its files stay.
            NotReadyError: if its files can't be read now.
        """
        async with self._locks.setdefault(info.place, asyncio.Lock()):
            self._use(info.place)
            if info.place in self._held:
                self._held.move_to_end(info.place)
                return self._held[info.place]
            self.refusals.raise_known(info.place)
            stamp = self._cache.stamp(info.place)
            try:
                served = await asyncio.to_thread(self._read, info)
            except Exception as error:
                logger.warning("version %d can't be loaded: %s", info.number, error)
                if isinstance(error, BrokenCopyError):
                    self._asking.mend(info)
                refused = self.refusals.note(info.place, stamp, error)
                raise refused from (None if refused is error else error)
            self._hold(info.place, served)
            return served

    def _read(self, info: VersionInfo) -> Served:
        return Served(info, self._cache.check(info.place), self._use_case)

    def _hold(self, place: str, served: Served) -> None:
        self._held[place] = served
        self._make_room()

    def _make_room(self) -> None:
        """Forget those that were asked for longest ago, of more than are kept."""
        loose = [place for place in self._held if place not in self._pinned]
        for gone in loose[: max(0, len(loose) - self._kept - 1)]:
            del self._held[gone]
            self._locks.pop(gone, None)

    def _use(self, place: str) -> None:
        """Tell the poller, which prunes the cache, that a version is in use."""
        now = time.monotonic()
        if now >= self._used.get(place, 0.0):
            self._used[place] = now + USED_SECONDS
            self._cache.use(place)

    async def fetch(self, info: VersionInfo, registry: Callable[[], Snapshot]) -> None:
        """Wait until a version's files are on this machine.

        Args:
            info: The version.
            registry: Gives the newest snapshot, which says if the version can't be fetched.

        Raises:
            NotReadyError: if they do not come.
        """
        # What is in memory needs no look at the disk, which takes 20 times as long.
        if info.place in self._held or self.has(info):
            return
        self.ask_for(info)
        deadline = time.monotonic() + FETCH_SECONDS
        while not self.has(info):
            known = registry().versions.get(info.number)
            # On a full disk, neither the version nor word of it comes.
            reason = next(iter(self._state.problems.values()), known and known.problem)
            if reason or time.monotonic() > deadline:
                told_why = reason or "the registry is slow"
                raise NotReadyError(f"version {info.number} can't be fetched: {told_why}")
            await asyncio.sleep(0.05)

    def ask_for(self, info: VersionInfo) -> None:
        """Have the poller copy a version into the cache."""
        self._asking.bring(info)

    async def fetch_and_load(self, info: VersionInfo, registry: Callable[[], Snapshot]) -> Served:
        """A version, fetched if need be; a broken copy is fetched once more.

        Raises:
            NotReadyError: if it can't be served now, or not as it is.
        """
        try:
            await self.fetch(info, registry)
            try:
                return await self.load(info)
            except BrokenCopyError:
                await self.fetch(info, registry)
                return await self.load(info)
        except HitcastError as error:
            raise NotReadyError(f"version {info.number} can't be served: {told(error)}") from None
