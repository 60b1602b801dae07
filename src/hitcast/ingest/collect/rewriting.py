"""Lines taken out of a segment: whole or not at all, and with the numbers of those that stay.

An empty line takes the place of each, as lines are known by their numbers. The file keeps its times
and rights.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from hitcast.ingest.collect.segments import unusable
from hitcast.running.log_files import SEGMENT

PARTIAL = ".rewritten"


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


def blank(path: Path, unwanted: Callable[[bytes], bool]) -> int:
    """Put empty lines in the place of those that are not wanted; returns how many there were.

    Raises:
        LakehouseError: if the segment can't be written.
    """
    found = sum(map(unwanted, lines_in(path)))
    if not found:
        return 0
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            file.writelines(b"\n" if unwanted(line) else line for line in lines_in(path))
            file.flush()
            os.fsync(file.fileno())
        shutil.copystat(path, partial)
        before = path.stat()
        with suppress(PermissionError):
            os.chown(partial, before.st_uid, before.st_gid)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise unusable(path, error) from None
    return found


def drop_partial(folder: Path) -> None:
    """Delete what a run that was killed has left of a file that it was writing."""
    for partial in folder.glob(f".*{SEGMENT}{PARTIAL}"):
        partial.unlink(missing_ok=True)
