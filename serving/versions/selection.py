"""What is served by default: selected by a call and kept in a file, else by the settings."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serving.versions.refusals import NotReadyError, StartingError
from serving.versions.snapshot import NOT_ASKED, Snapshot, VersionInfo
from serving.versions.state import StateFile

SELECTION_FILE = "selection.json"


@dataclass(frozen=True)
class Selection:
    """What is served by default: an alias, or a fixed version."""

    alias: str | None = None
    version: int | None = None


class UnknownVersionError(LookupError):
    """No such alias or version; says which exist."""


class SelectionFile(StateFile):
    """The selection that was made by a call: the same for all workers, also after a restart.

    Args:
        folder: The model's cache folder.
        configured: The settings' selection, which holds while no call has made another.
    """

    def __init__(self, folder: Path, configured: Selection) -> None:
        super().__init__(folder / SELECTION_FILE, "the selection")
        self._configured = configured

    def read(self) -> Selection:
        """What is selected now."""
        return _selection(self.path) or self._configured

    def select(self, selection: Selection) -> None:
        """Select something else.

        Raises:
            StateError: if that can't be kept.
        """
        self.write(json.dumps(asdict(selection)))


def number_of(selection: Selection, seen: Snapshot) -> int:
    """The version that a selection means.

    Raises:
        UnknownVersionError: if the registry has no such alias or version.
        StartingError: if it has not been asked yet.
        NotReadyError: if it has no version at all.
    """
    if not seen.asked:
        raise StartingError(f"{NOT_ASKED}; come again")
    if selection.version is not None:
        if selection.version in seen.versions:
            return selection.version
        known = sorted(seen.versions)
        raise UnknownVersionError(f"expected a version among {known}, got {selection.version}")
    number = seen.aliases.get(selection.alias or "")
    if number is not None:
        return number
    if not seen.versions:
        raise NotReadyError("no model yet: run jobs/train.py, then this API follows by itself")
    known_aliases = sorted(seen.aliases)
    raise UnknownVersionError(f"expected an alias among {known_aliases}, got {selection.alias!r}")


def info_of(selection: Selection, seen: Snapshot) -> VersionInfo:
    """The same with what is known of the version."""
    number = number_of(selection, seen)
    return seen.versions.get(number) or VersionInfo(number, "")


def selected_version(folder: Path) -> int | None:
    """The fixed version that a call has selected, if one has."""
    found = _selection(folder / SELECTION_FILE)
    return found.version if found else None


def _selection(path: Path) -> Selection | None:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Selection(found["alias"], found["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
