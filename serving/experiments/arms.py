"""The versions of an experiment's arms in this worker: loaded, kept, and what is wrong."""

import logging
import time
from collections.abc import Mapping

from hitcast.errors import HitcastError
from serving.experiments.kept import Kept
from serving.versions.refusals import NotReadyError
from serving.versions.served import Served
from serving.versions.snapshot import VersionInfo
from serving.versions.telling import told
from serving.versions.warm import WarmVersions

RETRY_SECONDS = 1.0
FAULT_SECONDS = 300.0
"""So long after its last failure an arm that raised is told of."""
logger = logging.getLogger("hitcast.serving")


class ArmVersions:
    """Holds the version of each arm for as long as the experiment runs.

    Args:
        warm: Loads them.
    """

    def __init__(self, warm: WarmVersions) -> None:
        self._warm = warm
        self._pins: Mapping[str, VersionInfo] = {}
        self._loaded: dict[str, Served] = {}
        self._problems: dict[str, str] = {}
        self._faults: dict[str, tuple[float, str]] = {}
        self._retry_at = 0.0

    @property
    def loaded(self) -> Mapping[str, Served]:
        """The versions that can answer, by alias."""
        return self._loaded

    @property
    def is_whole(self) -> bool:
        """Whether every arm's version is loaded."""
        return self._loaded.keys() >= self._pins.keys()

    def holds(self, kept: Kept) -> bool:
        """Whether these are the versions of an experiment, loaded as far as they can be."""
        return kept.pins == self._pins

    async def follow(self, kept: Kept | None) -> bool:
        """Hold the versions that an experiment has, and no others; returns whether that changed.

        What can't be loaded is tried again now and then.
        """
        pins = kept.pins if kept else {}
        if pins != self._pins:
            self._pins = pins
            self._loaded, self._problems, self._faults = {}, {}, {}
            self._warm.pin(info.place for info in pins.values())
            self._retry_at = 0.0
        elif self.is_whole or time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + RETRY_SECONDS
        before = set(self._loaded)
        for alias in pins.keys() - before:
            await self._load(alias, pins[alias])
        return set(self._loaded) != before

    async def _load(self, alias: str, info: VersionInfo) -> None:
        try:
            if not self._warm.has(info) and not self._warm.holds(info):
                self._warm.ask_for(info)
                raise NotReadyError("its files are not on this machine, and are asked for")
            self._loaded[alias] = await self._warm.load(info)
        except (HitcastError, NotReadyError) as error:
            problem = told(error) if isinstance(error, HitcastError) else str(error)
            if self._problems.get(alias) != problem:
                logger.error("the arm %r (version %d): %s", alias, info.number, error)
            self._problems[alias] = problem
        else:
            if self._problems.pop(alias, None):
                logger.warning("the arm %r (version %d) is whole again", alias, info.number)

    def blame(self, alias: str, error: Exception) -> None:
        """Note that an arm's version raised where the default did not."""
        if alias not in self._faults:
            logger.error("the arm %r raised, the default answers", alias, exc_info=error)
        reason = f"it raised {type(error).__name__} while scoring"
        self._faults[alias] = (time.monotonic() + FAULT_SECONDS, reason)

    def problem(self, alias: str) -> str | None:
        """What is wrong with an arm; None while nothing is."""
        known = self._problems.get(alias)
        until, fault = self._faults.get(alias, (0.0, None))
        if known is None and fault is not None:
            if time.monotonic() < until:
                return fault
            self._faults.pop(alias, None)
        return known
