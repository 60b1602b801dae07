"""The API's processes on this machine: what each of them serves, in a small file of its own.

A worker's file is locked for as long as the worker lives, so that those of the dead don't count,
whatever process has their number by then. It has its full size from the start: later on it is
written over in place, which a full disk does not hinder.
"""

import errno
import fcntl
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

WORKERS = "workers"
SIZE = 4096


@dataclass(frozen=True)
class Report:
    """What one worker does.

    Attributes:
        alias: The alias that it follows, if one is selected.
        version: The fixed version that it keeps to, if one is selected.
        place: The cached copy that answers by default; None before the first.
        problem: Why that is not the selected one; None while it is.
        refused: Copies that it can't serve, and why.
        experiment: The revision of the experiment that it is ready for; None where none runs.
    """

    alias: str | None = None
    version: int | None = None
    place: str | None = None
    problem: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    experiment: str | None = None

    def follows(self, other: "Report") -> bool:
        """Whether it answers by what the other has selected, as the other does."""
        mine, others = (self.alias, self.version, self.place), (other.alias, other.version)
        return self.problem is None and mine == (*others, other.place)


class Mark:
    """This worker's file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / WORKERS
        self._file: BinaryIO | None = None
        self._path: Path | None = None

    def tell(self, report: Report) -> None:
        """Write down what this worker does.

        Raises:
            OSError: if that can't be written.
        """
        text = json.dumps(asdict(report))
        if len(text) > SIZE:
            text = json.dumps(asdict(report) | {"refused": {}})
        if self._file is None:
            self._begin()
        assert self._file is not None
        if os.pwrite(self._file.fileno(), text.encode().ljust(SIZE), 0) < SIZE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def others(self) -> list[Report]:
        """What the other living workers do."""
        return [report for path, report in living(self._folder.parent) if path != self._path]

    def close(self) -> None:
        """End with the worker."""
        if self._file is not None and self._path is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        """Make the file, locked before it gets the name that others look for."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        hidden = self._folder / f".{name}"
        file = hidden.open("xb", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if file.write(bytes(SIZE)) < SIZE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._path = hidden.rename(self._folder / name)
        except OSError:
            file.close()
            hidden.unlink(missing_ok=True)
            raise
        self._file = file


def living(folder: Path) -> list[tuple[Path, Report]]:
    """The files of workers that live, and what they say."""
    found = []
    for path in _marks(folder):
        try:
            if _is_held(path):
                found.append((path, _report(path)))
        except OSError:
            pass  # It has just ended.
    return found


def bury(folder: Path) -> None:
    """Remove the files of workers that died."""
    for path in _marks(folder):
        if not _is_held(path):
            path.unlink(missing_ok=True)


def _marks(folder: Path) -> list[Path]:
    return [path for path in (folder / WORKERS).glob("*") if not path.name.startswith(".")]


def _is_held(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _report(path: Path) -> Report:
    try:
        return Report(**json.loads(path.read_bytes()))
    except (ValueError, TypeError):
        # Half of it is of the past: it follows nothing for this moment.
        return Report(problem="being written")
