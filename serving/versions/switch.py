"""Which version answers: follows the registry's aliases, keeps several versions warm.

A version is loaded and warm before it takes over, by one assignment; what can't be loaded is told
and the last good version stays.
"""

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from serving.versions.registry_poller import LOCK
from serving.versions.served import Served
from serving.versions.snapshot import SNAPSHOT_FILE, Snapshot, VersionInfo, write_whole
from serving.versions.warm import NotReadyError, WarmVersions

SELECTION_FILE = "selection.json"
LAST_GOOD_FILE = "last_good.json"
LOOK_SECONDS = 0.25
RETRY_SECONDS = 5.0
SILENT_SECONDS = 20.0
logger = logging.getLogger("hitcast.serving")


@dataclass(frozen=True)
class Selection:
    """What is served by default: an alias, or a fixed version."""

    alias: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Standing:
    """What answers when a request names nothing: a version, and the alias it was chosen by."""

    served: Served
    alias: str | None


class UnknownVersionError(LookupError):
    """No such alias or version; says which exist."""


class Switchboard:
    """Holds the version that answers, and others that were asked for.

    Attributes:
        standing: What answers when a request names none; None before the first. It is put in place
            by one assignment, so that a version never answers under another one's alias.
        snapshot: The registry as last seen.
        problem: Why the default is not what was selected; None while it is.
        reloads: How often another default took over, and how often one could not.
    """

    def __init__(
        self,
        folder: Path,
        use_case: UseCase,
        selection: Selection,
        *,
        kept: int,
    ) -> None:
        self.standing: Standing | None = None
        self.snapshot = Snapshot.load(folder)
        self.problem: str | None = None
        self.reloads = {"done": 0, "failed": 0}
        self._folder = folder
        self._configured = selection
        self._selection = selection
        self._warm = WarmVersions(folder, use_case, kept)
        self._seen: tuple[object, ...] = ()
        self._retry_at = 0.0
        self._silent_since = time.monotonic()
        self._looking = asyncio.Lock()

    @property
    def default(self) -> Served | None:
        """The version that answers when a request names none; None before the first."""
        return self.standing.served if self.standing else None

    @property
    def alias(self) -> str | None:
        """The alias by which it was chosen, if by one."""
        return self.standing.alias if self.standing else None

    @property
    def selection(self) -> Selection:
        """What is served by default."""
        return self._selection

    def select(self, selection: Selection) -> None:
        """Serve another version by default, in all workers, until told otherwise.

        Raises:
            UnknownVersionError: if the registry has no such alias or version.
        """
        self._number_of(selection)
        found = {"alias": selection.alias, "version": selection.version}
        write_whole(self._folder / SELECTION_FILE, json.dumps(found))

    def number_of(self, alias: str) -> int:
        """The version that an alias names.

        Raises:
            UnknownVersionError: if the registry has no such alias.
        """
        return self._number_of(Selection(alias))

    def registry_problem(self) -> str | None:
        """Why news of the registry is missing; None while they come."""
        if self.snapshot.problem:
            return self.snapshot.problem
        try:
            silent = time.time() - (self._folder / LOCK).stat().st_mtime
        except OSError:
            silent = time.monotonic() - self._silent_since
        return "no news of the registry" if silent > SILENT_SECONDS else None

    async def follow(self) -> None:
        """Keep in step with the registry and with `select`, for ever."""
        while True:
            try:
                await self.look()
            except Exception:
                logger.exception("following the registry failed; trying again")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Take in what has changed since the last look; one look at a time.

        A switch that comes while another version is being loaded waits for that, then has its way.
        """
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        seen = (_stamp(self._folder / SNAPSHOT_FILE), _stamp(self._folder / SELECTION_FILE))
        due = self.problem is not None and time.monotonic() >= self._retry_at
        if seen == self._seen and self.default is not None and not due:
            return
        self.snapshot = Snapshot.load(self._folder)
        self._selection = self._selected()
        await self._take_over()
        self._seen = seen

    async def find(self, alias: str | None, version: int | None) -> Served:
        """The version that a request names, loaded; the default where it names none.

        Raises:
            UnknownVersionError: if the registry has no such alias or version.
            NotReadyError: if it can't be loaded now.
        """
        if alias is None and version is None:
            if self.default is None:
                raise NotReadyError(self.problem or "no model yet: run jobs/train.py")
            return self.default
        try:
            info = self._info(self._number_of(Selection(alias, version)))
        except UnknownVersionError:
            # A registry that was emptied does not take the answering version's name away.
            if self.default is not None and version == self.default.number:
                return self.default
            raise
        if self.default is not None and self.default.info.place == info.place:
            return self.default
        try:
            await self._warm.fetch(info, lambda: self.snapshot)
            return await self._warm.load(info)
        except HitcastError as error:
            raise NotReadyError(f"version {info.number} can't be served: {error}") from None

    async def _take_over(self) -> None:
        """Make the selected version the default, or say why it is not."""
        self._retry_at = time.monotonic() + RETRY_SECONDS
        selection, default = self._selection, self.default
        try:
            info = self._info(self._number_of(selection))
            if not self._warm.has(info):
                raise NotReadyError(
                    f"version {info.number} is not here yet: {info.problem or 'being fetched'}"
                )
            if default is None or default.info.place != info.place:
                served = await self._warm.load(info)
                self.standing = Standing(served, selection.alias)
                self.reloads["done"] += 1
                found = {"number": info.number, "run_id": info.run_id}
                write_whole(self._folder / LAST_GOOD_FILE, json.dumps(found))
                logger.info("serving version %d", info.number)
            else:
                self.standing = Standing(default, selection.alias)
            self.problem = None
        except (HitcastError, UnknownVersionError, NotReadyError) as error:
            told = str(error)
            if told != self.problem:
                self.reloads["failed"] += 1
                logger.warning("the selected version is not served: %s", told)
            self.problem = told
            await self._fall_back()

    async def _fall_back(self) -> None:
        """Without any version, take the last that was good."""
        if self.default is not None:
            self._ask_for_selected()
            return
        try:
            found = json.loads((self._folder / LAST_GOOD_FILE).read_text())
            info = VersionInfo(found["number"], found["run_id"])
            served = await self._warm.load(self.snapshot.versions.get(info.number, info))
            self.standing = Standing(served, None)
            logger.warning("serving version %d, the last that was good", info.number)
        except (OSError, ValueError, KeyError, HitcastError):
            self._ask_for_selected()

    def _ask_for_selected(self) -> None:
        """Have the poller bring the selected version, where it is a fixed one."""
        info = self.snapshot.versions.get(self._selection.version or 0)
        if info is not None:
            self._warm.ask_for(info)

    def _selected(self) -> Selection:
        try:
            found = json.loads((self._folder / SELECTION_FILE).read_text())
            return Selection(found["alias"], found["version"])
        except (OSError, ValueError, KeyError):
            return self._configured

    def _number_of(self, selection: Selection) -> int:
        if selection.version is not None:
            if selection.version in self.snapshot.versions:
                return selection.version
            known = sorted(self.snapshot.versions)
            raise UnknownVersionError(f"expected a version among {known}, got {selection.version}")
        number = self.snapshot.aliases.get(selection.alias or "")
        if number is not None:
            return number
        if not self.snapshot.versions:
            raise NotReadyError("no model yet: run jobs/train.py, then this API follows by itself")
        known_aliases = sorted(self.snapshot.aliases)
        raise UnknownVersionError(
            f"expected an alias among {known_aliases}, got {selection.alias!r}"
        )

    def _info(self, number: int) -> VersionInfo:
        return self.snapshot.versions.get(number) or VersionInfo(number, "")


def _stamp(path: Path) -> object:
    """What changes when a file is replaced."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
