"""Where versions come from: a registry that is followed, or one scorer's folder (`exported`)."""

from pathlib import Path
from typing import Protocol

from serving.versions.cache import Copies, ScorerCache
from serving.versions.news import RegistryNews
from serving.versions.selection import Selection, SelectionFile, info_of
from serving.versions.snapshot import SNAPSHOT_FILE, Snapshot, VersionInfo
from serving.versions.state import stamp_of


class Origin(Protocol):
    """What the switchboard asks: which versions there are, and which of them is selected."""

    @property
    def copies(self) -> Copies:
        """Where the files of versions lie."""

    def stamp(self) -> object:
        """What changes when there is something new."""

    def seen(self) -> Snapshot:
        """The versions that there are now."""

    def selected(self) -> Selection:
        """What is selected now."""

    def select(self, selection: Selection | None) -> None:
        """Select something else, in all workers; None: what the settings say."""

    def find(self, selection: Selection, seen: Snapshot) -> VersionInfo:
        """The version that a selection means."""

    def listed(self, seen: Snapshot) -> Snapshot:
        """What a registry's list is made of."""

    def problem(self, seen: Snapshot) -> str | None:
        """Why news are missing; None while they come."""


class FollowedRegistry:
    """A registry as its poller writes it down in a cache folder.

    Args:
        folder: The model's cache folder.
        configured: The settings' selection.
        poll_seconds: How often the registry is asked.
    """

    def __init__(self, folder: Path, configured: Selection, poll_seconds: float) -> None:
        self.copies = ScorerCache(folder)
        self._folder = folder
        self._file = SelectionFile(folder, configured)
        self._news = RegistryNews(folder, poll_seconds)

    def stamp(self) -> object:
        """What changes when the poller has written, or somebody has selected something."""
        return stamp_of(self._folder / SNAPSHOT_FILE), stamp_of(self._file.path)

    def seen(self) -> Snapshot:
        """The registry as last asked."""
        return Snapshot.load(self._folder)

    def selected(self) -> Selection:
        """What the last call has selected, else the settings."""
        return self._file.read()

    def select(self, selection: Selection | None) -> None:
        """Keep a selection.

        Raises:
            UnknownVersionError: if the registry has no such alias or version.
            StateError: if it can't be kept; all stays as it was then.
        """
        if selection is None:
            self._file.clear()
            return
        info_of(selection, self.seen())
        self._file.select(selection)

    def find(self, selection: Selection, seen: Snapshot) -> VersionInfo:
        """The version that a selection means.

        Raises:
            UnknownVersionError: if the registry has no such alias or version.
            NotReadyError: if it has none at all, or has not been asked yet.
        """
        return info_of(selection, seen)

    def listed(self, seen: Snapshot) -> Snapshot:
        """All of it."""
        return seen

    def problem(self, seen: Snapshot) -> str | None:
        """Why news of the registry are missing; None while they come."""
        return self._news.problem(seen)
