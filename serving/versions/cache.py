"""Scorers on this machine's disk: copied whole, checked by hash, loaded without the registry.

Workers read; the poller alone adds, replaces and removes, by renames.
"""

import json
import os
import shutil
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from hitcast.errors import ScorerInputError
from hitcast.portable.card import sha256_of
from serving.versions.state import stamp_of

MANIFEST = "manifest.json"
VERSIONS = "versions"


class BrokenCopyError(ScorerInputError):
    """A cached scorer's files are not those that were copied."""


class Copies(Protocol):
    """What those who load versions ask of the place where their files lie."""

    def has(self, name: str) -> bool:
        """Whether a scorer is there."""

    def stamp(self, name: str) -> tuple[int, int] | None:
        """What changes when a scorer's files do; None where there is none."""

    def use(self, name: str) -> None:
        """Note that a scorer is in use."""

    def check(self, name: str) -> Path:
        """The folder of a scorer whose files are whole."""


class ScorerCache:
    """A folder of scorers, each with the hashes of its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> Path:
        """The folder of a scorer, whether or not it is there."""
        return self.folder / VERSIONS / name

    def names(self) -> list[str]:
        """The scorers that are here, those used last first."""
        found = []
        for path in (self.folder / VERSIONS).glob("*"):
            with suppress(OSError):
                if not path.name.startswith("."):
                    found.append((path.stat().st_mtime, path.name))
        return [name for _, name in sorted(found, reverse=True)]

    def has(self, name: str) -> bool:
        """Whether a scorer has been copied here; only `check` looks at its files."""
        return self.stamp(name) is not None

    def stamp(self, name: str) -> tuple[int, int] | None:
        """What changes when a scorer is copied anew; None where there is none."""
        return stamp_of(self.place(name) / MANIFEST)

    def used_at(self, name: str) -> float:
        """When a scorer was used last, in seconds since 1970; 0 where there is none."""
        try:
            return self.place(name).stat().st_mtime
        except OSError:
            return 0.0

    def use(self, name: str) -> None:
        """Note that a scorer is in use: by its folder's date, which a full disk can keep too."""
        with suppress(OSError):
            os.utime(self.place(name))

    def add(self, name: str, source: Path) -> None:
        """Copy a scorer's files here; what was there under the name gives way by a rename."""
        target = self.place(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = self._hidden(name)
        try:
            shutil.copytree(source, partial)
            (partial / MANIFEST).write_text(json.dumps(_hashes(partial)))
            os.utime(partial)
            self.drop(name)
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def drop(self, name: str) -> None:
        """Forget a scorer: all of it at once, so that nobody sees half of it."""
        gone = self._hidden(name)
        with suppress(FileNotFoundError):
            self.place(name).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def vouch(self, name: str) -> None:
        """Say that a scorer that was called broken is whole: its stamp is new."""
        with suppress(OSError):
            os.utime(self.place(name) / MANIFEST)

    def check(self, name: str) -> Path:
        """The folder of a scorer whose files are those that were copied.

        Raises:
            BrokenCopyError: if files are missing or changed.
            OSError: if they can't be read now.
        """
        place = self.place(name)
        try:
            held: Mapping[str, str] = json.loads((place / MANIFEST).read_text())
            same = held == _hashes(place)
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise BrokenCopyError(f"the cached scorer {name} can't be read: {error}") from None
        if not same:
            raise BrokenCopyError(f"the cached scorer {name} is not what was copied")
        return place

    def _hidden(self, name: str) -> Path:
        return self.folder / VERSIONS / f".{name}.{uuid.uuid4().hex[:8]}"


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256_of(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
