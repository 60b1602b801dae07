"""Lines taken out of a segment: whole or not at all, and with the numbers of those that stay.

An empty line takes the place of each, as lines are known by their numbers. The file keeps its times
and rights where it can.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from hitcast.ingest.collect.segments import EMPTY, Segment, look, object_in, unusable
from hitcast.running.log_files import SEGMENT

PARTIAL = ".rewritten"
Unwanted = Callable[[bytes], bool]


def lines_in(path: Path) -> Iterator[bytes]:
    """The lines of a segment; none where it has gone meanwhile.

    Raises:
        LakehouseError: if it can't be read.
    """
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        return
    except OSError as error:
        raise unusable(path, error) from None


def blank(path: Path, unwanted: Unwanted, *, whole: bool = False) -> int:
    """Put empty lines in the place of those that are not wanted; returns how many there were.

    Args:
        path: The segment.
        unwanted: Whether a line is not wanted.
        whole: Whether a last line that is torn goes too, with nothing in its place: nobody can tell
            what it says, and no table has it.

    Raises:
        LakehouseError: if the segment can't be written.
    """
    found = torn = 0
    for line in lines_in(path):
        if unwanted(line):
            found += 1
        elif whole and _is_torn(line):
            torn += 1
    if found or torn:
        _rewrite(path, _without(path, unwanted, whole))
    return found


def as_erased(segment: Segment) -> Segment:
    """Take the lines out of a segment that were taken out of it when it came before.

    Returns:
        The segment as it is then.

    Raises:
        LakehouseError: if it can't be written.
    """
    gone = {number for number, line in enumerate(lines_in(segment.collected)) if line == EMPTY}
    lines = enumerate(lines_in(segment.path)) if gone else ()
    if not any(number in gone and line != EMPTY for number, line in lines):
        return segment
    every = enumerate(lines_in(segment.path))
    _rewrite(segment.path, (EMPTY if number in gone else line for number, line in every))
    return look(segment.path)


def _without(path: Path, unwanted: Unwanted, whole: bool) -> Iterator[bytes]:
    for line in lines_in(path):
        if unwanted(line):
            yield EMPTY
        elif not (whole and _is_torn(line)):
            yield line


def _is_torn(line: bytes) -> bool:
    return not line.endswith(b"\n") and object_in(line) is None


def _rewrite(path: Path, lines: Iterable[bytes]) -> None:
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        before = path.stat()
        # Not every folder has these, as one of a volume; whoever may write there may read it too.
        with suppress(OSError):
            shutil.copystat(path, partial)
        with suppress(OSError):
            os.chown(partial, before.st_uid, before.st_gid)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise unusable(path, error) from None


def drop_partial(folder: Path) -> None:
    """Delete what a run that was killed has left of a file that it was writing."""
    for partial in folder.glob(f".*{SEGMENT}{PARTIAL}"):
        partial.unlink(missing_ok=True)
