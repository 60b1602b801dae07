"""Which version answers: follows the registry's aliases, keeps several versions warm.

A version is loaded and warm before it takes over, by one assignment; what can't be loaded is told
and the last good version stays.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from serving.versions.crowd import Crowd
from serving.versions.default import Default, Standing
from serving.versions.exported import ExportedScorer
from serving.versions.origins import FollowedRegistry, Origin
from serving.versions.selection import Selection, UnknownVersionError
from serving.versions.served import Served
from serving.versions.snapshot import Snapshot
from serving.versions.state import State
from serving.versions.warm import WarmVersions


class Switchboard:
    """Holds the version that answers, and others that were asked for.

    Args:
        folder: The model's cache folder.
        use_case: What callers can give a model.
        selection: The settings' selection.
        kept: How many versions stay in memory beside the newest.
        poll_seconds: How often the registry is asked.
        exported: The folder of the one scorer that is served, where there is no registry.

    Attributes:
        folder: The model's cache folder.
        snapshot: The registry as last seen.
        selection: What is to be served by default.
        crowd: All workers of this machine.
        warm: The versions in memory.
        state: What of the state can't be written now.
    """

    def __init__(
        self,
        folder: Path,
        use_case: UseCase,
        selection: Selection,
        *,
        kept: int,
        poll_seconds: float = 1.0,
        exported: Path | None = None,
    ) -> None:
        self.folder = folder
        self._origin: Origin = FollowedRegistry(folder, selection, poll_seconds)
        if exported is not None:
            self._origin = ExportedScorer(exported)
        self.snapshot = self._origin.seen()
        self.selection = self._origin.selected()
        self.state = State(folder)
        self.warm = WarmVersions(folder, use_case, kept, self.state, self._origin.copies)
        self._default = Default(folder, self.warm, self.state)
        self.crowd = Crowd(folder, self._default, self.warm.refusals, self.state)
        self._seen: object = None
        self._looking = asyncio.Lock()

    @property
    def standing(self) -> Standing | None:
        """What answers when a request names none; None before the first."""
        return self._default.standing

    @property
    def default(self) -> Served | None:
        """Its version."""
        standing = self._default.standing
        return standing.served if standing else None

    @property
    def alias(self) -> str | None:
        """The alias by which it was chosen, if by one."""
        standing = self._default.standing
        return standing.alias if standing else None

    @property
    def problem(self) -> str | None:
        """Why the default is not what was selected; None while it is."""
        return self._default.problem

    @property
    def reloads(self) -> Mapping[str, int]:
        """How often another default took over (`done`), and how often one could not (`failed`)."""
        return self._default.reloads

    def select(self, selection: Selection | None) -> None:
        """Serve another version by default, in all workers, until told otherwise.

        Args:
            selection: What to serve; None: what the settings say.

        Raises:
            UnknownVersionError: if the registry has no such alias or version.
            StateError: if it can't be kept; all stays as it was then.
        """
        self._origin.select(selection)

    def selected(self) -> Selection:
        """What the last call has selected, which may still be on its way."""
        return self._origin.selected()

    def number_of(self, alias: str) -> int:
        """The version that an alias names.

        Raises:
            UnknownVersionError: if the registry has no such alias.
        """
        return self._origin.find(Selection(alias), self.snapshot).number

    def listed(self) -> Snapshot:
        """The registry as last seen.

        Raises:
            NoRegistryError: if one exported scorer is all that there is.
        """
        return self._origin.listed(self.snapshot)

    def registry_problem(self) -> str | None:
        """Why news of the registry is missing; None while they come."""
        return self._origin.problem(self.snapshot)

    async def look(self) -> None:
        """Take in what has changed since the last look; one look at a time.

        A switch that comes while another version is being loaded waits for that, then has its way.
        """
        async with self._looking:
            await self._look()
            self.crowd.tell(self.selection)
            self.state.tend()

    async def _look(self) -> None:
        seen = self._origin.stamp()
        if seen == self._seen and not self._default.is_due:
            return
        self.snapshot = self._origin.seen()
        self.selection = self._origin.selected()
        await self._default.follow(self.selection, self.snapshot, self._origin.find)
        self._seen = seen

    async def find(self, alias: str | None, version: int | None) -> Served:
        """The version that a request names, loaded; the default where it names none.

        Raises:
            UnknownVersionError: if the registry has no such alias or version.
            NotReadyError: if it can't be loaded now.
        """
        default = self.default
        if alias is None and version is None:
            if default is None:
                raise self._default.not_ready()
            return default
        try:
            info = self._origin.find(Selection(alias, version), self.snapshot)
        except UnknownVersionError:
            # A registry that was emptied does not take the answering version's name away.
            if default is not None and version == default.number:
                return default
            raise
        if default is not None and default.info.place == info.place:
            return default
        return await self.warm.fetch_and_load(info, lambda: self.snapshot)
