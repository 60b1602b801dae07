"""A site's file of JSON Lines, and what is known of it, so that a killed run goes on.

While lines are added the file is hidden, `.SITE-DATE.jsonl.part`; beside it
`.SITE-DATE.jsonl.state` has a line for each item that is in it, with the file's length behind it.
An item's line is on the disk before the state's is, so the state decides: what the file has beyond
it is cut off.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from hitcast.errors import SourceError
from hitcast.sources.sites.reading import Row

DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
DONE = {"done": True}


class Kept:
    """One site's file, open for more lines.

    Attributes:
        file: The file when it is whole.
        length: Of its lines, in bytes.
        items: The addresses of the items that are in it.
        done: Whether nothing is left to do, so that another day's run begins a new file.
    """

    def __init__(self, file: Path, state: BinaryIO) -> None:
        self.file = file
        self.length = 0
        self.items: set[str] = set()
        self.done = False
        self.part = file.with_name(f".{file.name}.part")
        self._state = state
        self._lines: BinaryIO | None = None

    def add(self, address: str, row: Row) -> None:
        """Write an item's line, for good."""
        assert self._lines is not None
        line = json.dumps(row, ensure_ascii=False) + "\n"
        # Half a pair of surrogates, which JSON can name, is no character.
        _write(self._lines, line.encode("utf-8", "replace"))
        self.length = self._lines.tell()
        self.items.add(address)
        self._note({"item": address, "end": self.length})

    def open(self, told: str) -> None:
        """Bring the file to what the state knows of it.

        Args:
            told: What decides how lines look; another than before is refused.

        Raises:
            SourceError: if the file is not as it was left.
        """
        lines = _whole_lines(self._state)
        self._state.truncate(sum(map(len, lines)))
        self._state.seek(0, os.SEEK_END)
        notes = [json.loads(line) for line in lines]
        self.items = {note["item"] for note in notes if "item" in note}
        self.length = max((note["end"] for note in notes if "end" in note), default=0)
        killed = self.part.exists()
        before = next((place for place in (self.part, self.file) if place.exists()), None)
        found = before.stat().st_size if before else 0
        if found == 0 and self.length:
            # Somebody took the file away: its items are to be had again.
            self._state.truncate(0)
            notes, self.items, self.length = [], set(), 0
        # A killed run may have left more than it noted.
        if found < self.length or (found > self.length and not killed):
            raise self._refusal("it is not as it was left")
        if not notes:
            self._note({"told": told})
        elif notes[0].get("told") != told:
            raise self._refusal("conf/ has had lines look otherwise")
        if before == self.file:
            copy = self.file.with_name(f".{self.file.name}.copy")
            shutil.copyfile(self.file, copy)
            copy.replace(self.part)
        self._lines = self.part.open("ab")
        self._lines.truncate(self.length)

    def close(self) -> None:
        """Show the file, whole lines alone, unless there are none."""
        if self._lines is None:
            return
        self._lines.close()
        if self.length:
            self.part.replace(self.file)
        else:
            self.part.unlink()
        if self.done:
            self._note(DONE)

    def _refusal(self, why: str) -> SourceError:
        state = Path(self._state.name).name
        return SourceError(
            f"expected to go on with {self.file}, but {why}; move it and {state} beside it away, "
            "or name another folder: --out"
        )

    def _note(self, note: dict[str, Any]) -> None:
        _write(self._state, json.dumps(note).encode() + b"\n")


@contextmanager
def kept(folder: Path, site: str, day: date, told: str) -> Iterator[Kept]:
    """Open a site's file: that of a run which was not done, or else the day's.

    Raises:
        SourceError: if another run has it open, the file is not as it was left, or there is one
            that no run made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = _unfinished(folder, site) or folder / f".{site}-{day}.jsonl.state"
    file = folder / place.name.removeprefix(".").removesuffix(".state")
    if file.exists() and not place.exists():
        raise SourceError(f"expected no {file}, or {place.name} beside it; move the file away")
    with place.open("a+b") as state:
        try:
            fcntl.flock(state, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceError(f"another run writes {file}; wait until it has ended") from None
        one = Kept(file, state)
        one.open(told)
        try:
            yield one
        finally:
            one.close()


def _unfinished(folder: Path, site: str) -> Path | None:
    """The newest state of the site, if its run had begun and was not done."""
    for place in sorted(folder.glob(f".{site}-{DAY}.jsonl.state"), reverse=True)[:1]:
        with place.open("rb") as state:
            lines = _whole_lines(state)
        if len(lines) > 1 and json.loads(lines[-1]) != DONE:
            return place
    return None


def _whole_lines(state: BinaryIO) -> list[bytes]:
    """The lines of a file but for a last one that was torn."""
    state.seek(0)
    return [line for line in state.read().splitlines(keepends=True) if line.endswith(b"\n")]


def _write(file: BinaryIO, line: bytes) -> None:
    file.write(line)
    file.flush()
    os.fsync(file.fileno())
