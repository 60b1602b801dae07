"""The version that answers when a request names none."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hitcast.errors import HitcastError
from serving.versions.last_good import LAST_GOOD_FILE, keep_last_good, last_good
from serving.versions.refusals import NotReadyError, StartingError
from serving.versions.selection import Selection, UnknownVersionError
from serving.versions.served import Served
from serving.versions.snapshot import Snapshot, VersionInfo
from serving.versions.state import State
from serving.versions.telling import told
from serving.versions.warm import WarmVersions

RETRY_SECONDS = 5.0
logger = logging.getLogger("hitcast.serving")


@dataclass(frozen=True)
class Standing:
    """A version, and the alias it was chosen by."""

    served: Served
    alias: str | None


class Default:
    """Puts the selected version in its place, or says why it is not there.

    Attributes:
        standing: What answers; None before the first. It is put in place by one assignment, so that
            a version never answers under another one's alias.
        problem: Why it is not what was selected; None while it is.
        is_starting: Whether that is a matter of time alone.
        reloads: How often another version took over, and how often one could not.
    """

    def __init__(self, folder: Path, warm: WarmVersions, state: State) -> None:
        self.standing: Standing | None = None
        self.problem: str | None = None
        self.is_starting = True
        self.reloads = {"done": 0, "failed": 0}
        self._folder, self._warm, self._state = folder, warm, state
        self._retry_at = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it has to be tried again, though nothing has changed."""
        late = time.monotonic() >= self._retry_at
        return self.standing is None or (self.problem is not None and late)

    def not_ready(self) -> NotReadyError:
        """What to say while nothing answers."""
        kind = StartingError if self.is_starting else NotReadyError
        return kind(self.problem or "no model yet: run jobs/train.py")

    async def follow(
        self,
        selection: Selection,
        seen: Snapshot,
        find: Callable[[Selection, Snapshot], VersionInfo],
    ) -> None:
        """Make the selected version, which `find` knows, the default, or say why it is not."""
        self._retry_at = time.monotonic() + RETRY_SECONDS
        try:
            await self._put_in_place(find(selection, seen), selection.alias)
            self.problem = None
        except (HitcastError, UnknownVersionError, NotReadyError) as error:
            problem = told(error) if isinstance(error, HitcastError) else str(error)
            if isinstance(error, StartingError):
                pass  # Nothing has failed.
            elif problem != self.problem:
                self.reloads["failed"] += 1
                logger.warning("the selected version is not served: %s", error)
            self.problem, self.is_starting = problem, isinstance(error, StartingError)
            await self._fall_back(selection, seen)

    async def _put_in_place(self, info: VersionInfo, alias: str | None) -> None:
        before = self.standing
        if before is not None and before.served.info.place == info.place:
            self.standing = Standing(before.served, alias)
            return
        if not self._warm.has(info):
            kind = NotReadyError if info.problem else StartingError
            why = info.problem or "being fetched"
            raise kind(f"version {info.number} is not here yet: {why}")
        self.standing = Standing(await self._warm.load(info), alias)
        self.reloads["done"] += 1
        logger.info("serving version %d", info.number)
        self._state.attempt(LAST_GOOD_FILE, partial(keep_last_good, self._folder, info))

    async def _fall_back(self, selection: Selection, seen: Snapshot) -> None:
        """Without any version, take the last that was good; have the selected one brought."""
        info = last_good(self._folder) if self.standing is None else None
        if info is not None:
            try:
                served = await self._warm.load(seen.versions.get(info.number, info))
                self.standing = Standing(served, None)
                logger.warning("serving version %d, the last that was good", info.number)
                return
            except (HitcastError, NotReadyError):
                pass  # It was good once; what it lacks now is logged.
        # Those that aliases name are brought anyway.
        wanted = seen.versions.get(selection.version or 0)
        if wanted is not None and not self._warm.has(wanted):
            self._warm.ask_for(wanted)
