"""Scorers on this machine's disk: copied whole, checked by hash, loaded without the registry."""

import json
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from hitcast.errors import ScorerInputError
from hitcast.portable.card import sha256_of

MANIFEST = "manifest.json"


class ScorerCache:
    """A folder of scorers, each with the hashes of its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> Path:
        """The folder of a scorer, whether or not it is there."""
        return self.folder / "versions" / name

    def has(self, name: str) -> bool:
        """Whether a scorer has been copied here; only `check` looks at its files."""
        return (self.place(name) / MANIFEST).is_file()

    def add(self, name: str, source: Path) -> None:
        """Copy a scorer's files here, by one rename; what was there under the name goes."""
        target = self.place(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{name}.{uuid.uuid4().hex[:8]}")
        shutil.copytree(source, partial)
        (partial / MANIFEST).write_text(json.dumps(_hashes(partial)))
        if target.exists():
            shutil.rmtree(target)
        partial.rename(target)

    def drop(self, name: str) -> None:
        """Forget a scorer."""
        shutil.rmtree(self.place(name), ignore_errors=True)

    def check(self, name: str) -> Path:
        """The folder of a scorer whose files are those that were copied.

        Raises:
            ScorerInputError: if files are missing or changed.
        """
        place = self.place(name)
        try:
            held: Mapping[str, str] = json.loads((place / MANIFEST).read_text())
            same = held == _hashes(place)
        except (OSError, ValueError) as error:
            raise ScorerInputError(f"the cached scorer {name} can't be read: {error}") from None
        if not same:
            raise ScorerInputError(f"the cached scorer {name} is not what was copied")
        return place


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256_of(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
