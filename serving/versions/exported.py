"""One exported scorer in the place of a registry: a folder, read where it lies, nothing asked.

`jobs/promote.py --export` writes such a folder, and replaces it by a rename; a version that comes
so is followed like one that an alias is moved to.
"""

import json
from pathlib import Path

from hitcast.errors import ScorerInputError
from hitcast.portable.card import CARD_FILE, MODEL_FILE, VERSION_FILE
from serving.versions.refusals import NotReadyError
from serving.versions.selection import Selection, UnknownVersionError
from serving.versions.snapshot import Snapshot, VersionInfo
from serving.versions.state import stamp_of
from serving.versions.telling import told

EXPECTED = (
    f"expected a folder with {MODEL_FILE}, {CARD_FILE} and {VERSION_FILE} in HITCAST_SCORER, as "
    "jobs/promote.py --export writes it"
)


class NoRegistryError(UnknownVersionError):
    """A call needs a registry, and one exported scorer is all that is served."""


class ExportedFiles:
    """The copies of versions, of which there is one: see `serving.versions.cache.Copies`.

    Args:
        folder: What was exported.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        """Whether the folder holds the version of that place now."""
        return self.stamp(name) is not None

    def stamp(self, name: str) -> tuple[int, int] | None:
        """What changes when its files do; None where another version is there."""
        seen = seen_in(self._folder)
        if name not in (info.place for info in seen.versions.values()):
            return None
        return max(filter(None, stamps_of(self._folder)), default=None)

    def use(self, name: str) -> None:
        """Nothing to note: nobody clears the folder away."""

    def check(self, name: str) -> Path:
        """The folder; the card has the hash that its model is checked by.

        Raises:
            ScorerInputError: if another version has come in between.
        """
        if not self.has(name):
            raise ScorerInputError(f"the exported scorer is not {name} any more")
        return self._folder


class ExportedScorer:
    """Tells of one exported scorer what is told of a registry: see `serving.versions.origins`.

    Args:
        folder: What was exported.
    """

    def __init__(self, folder: Path) -> None:
        self.copies = ExportedFiles(folder)
        self._folder = folder

    def stamp(self) -> object:
        """What changes when the folder does."""
        return stamps_of(self._folder)

    def seen(self) -> Snapshot:
        """The one version; none, and why, where the folder holds no export."""
        return seen_in(self._folder)

    def selected(self) -> Selection:
        """The one version, which nobody can change."""
        return Selection(version=next(iter(self.seen().versions), None))

    def select(self, _: Selection | None) -> None:
        """Refuse to.

        Raises:
            NoRegistryError: always.
        """
        raise _refusal(self.seen())

    def find(self, selection: Selection, seen: Snapshot) -> VersionInfo:
        """The one version.

        Raises:
            NotReadyError: if there is none.
            NoRegistryError: if an alias is named, or another version.
        """
        if not seen.versions:
            raise NotReadyError(seen.problem or EXPECTED)
        if selection.alias is None and selection.version in (None, *seen.versions):
            return next(iter(seen.versions.values()))
        raise _refusal(seen)

    def listed(self, seen: Snapshot) -> Snapshot:
        """Refuse to list a registry.

        Raises:
            NoRegistryError: always.
        """
        raise _refusal(seen)

    def problem(self, _: Snapshot) -> str | None:
        """None: no news are waited for."""
        return None


def seen_in(folder: Path) -> Snapshot:
    """The version that an exported folder holds, as a registry that holds it alone."""
    try:
        found = json.loads((folder / VERSION_FILE).read_text(encoding="utf-8"))
        info = VersionInfo(int(found["version"]), str(found["run_id"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Snapshot(problem=f"{EXPECTED}; {VERSION_FILE} can't be read ({told(error)})")
    return Snapshot({info.number: info})


def stamps_of(folder: Path) -> list[tuple[int, int] | None]:
    """What changes when the files of an exported folder do."""
    return [stamp_of(folder / name) for name in (VERSION_FILE, CARD_FILE, MODEL_FILE)]


def _refusal(seen: Snapshot) -> NoRegistryError:
    number = next(iter(seen.versions), None)
    which = "" if number is None else f", version {number}"
    return NoRegistryError(
        f"this API serves one exported scorer{which}, and has no registry with others; "
        "ask without alias and version, and see GET /model"
    )
