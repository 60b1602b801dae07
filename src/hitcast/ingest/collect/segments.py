"""The closed segments of a folder: whose they are, whether they came before, where they go.

One process of the API writes a segment, and serves one model. So a segment is of the model that its
first readable line names, and a home that several use cases share has each collect its own.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from hitcast.errors import LakehouseError
from hitcast.running.log_files import COLLECTED, LOCK, closed, is_delivered

LOOKED_AT = 100
"""Lines that are read to find a segment's model, without those that were erased."""
EMPTY = b"\n"
"""What stands in the place of a line that was erased."""


@dataclass(frozen=True)
class Segment:
    """A closed segment as it was when it was looked at.

    Attributes:
        size: Its bytes.
        is_whole: Whether its last line has its end.
        model: Whose lines it holds; None: they don't say.
        format: That of its first readable line; None: it does not say.
    """

    path: Path
    size: int
    is_whole: bool
    model: str | None
    format: int | None

    @property
    def name(self) -> str:
        """What its lines are known by, with their numbers."""
        return self.path.name

    @property
    def collected(self) -> Path:
        """Where it goes once its lines are in, and where it is if it came before."""
        return self.path.parent / COLLECTED / self.name


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from moving or sending a folder's segments; nothing where there is no folder.

    Raises:
        LakehouseError: if others are at it, or it can't be written.
    """
    if not folder.is_dir():
        yield
        return
    try:
        (folder / COLLECTED).mkdir(exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o660)
    except OSError as error:
        raise unusable(folder, error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise LakehouseError(
            f"expected to be alone with the segments in {folder}, found others moving them "
            "(another collect, or an API that brings them elsewhere); run again when that has ended"
        ) from None
    except OSError:
        pass  # No locks here, as on a volume: there the platform runs one job at a time.
    try:
        yield
    finally:
        os.close(lock)


def object_in(line: bytes) -> dict[str, Any] | None:
    """What a line holds; None where it is no JSON object."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def unusable(path: Path, error: OSError) -> LakehouseError:
    """Says that this user may not do here what has to be done."""
    return LakehouseError(
        f"expected to read and move the log's segments in {path}, got: {error.strerror}; run as "
        "the user whom the API runs as, or let a group of both write there"
    )


def waiting(folder: Path) -> list[Segment]:
    """The closed segments that are there to be collected, oldest first.

    Those that are marked as delivered are not: their lines come from where they were brought.

    Raises:
        LakehouseError: if one can't be read.
    """
    found = []
    for path in closed(folder):
        if is_delivered(path):
            continue
        try:
            found.append(look(path))
        except FileNotFoundError:
            continue  # Another process has just taken it away.
        except OSError as error:
            raise unusable(path, error) from None
    return found


def came_otherwise(segment: Segment) -> bool:
    """Whether another content of that name was collected: one that this does not go on from.

    Lines that were erased here or there are taken for the same, and of a last line without its end
    what there is of it.
    """
    try:
        with segment.collected.open("rb") as before, segment.path.open("rb") as now:
            return not all(_goes_on(line, now.readline()) for line in before)
    except FileNotFoundError:
        return False


def _goes_on(before: bytes, now: bytes) -> bool:
    if before == now or now == EMPTY:
        return True
    if before == EMPTY:
        return now.endswith(b"\n")
    return not before.endswith(b"\n") and now.startswith(before)


def put_away(segment: Segment) -> bool:
    """Move a segment to the collected ones, unless it is another one than was looked at."""
    with suppress(FileNotFoundError):
        if segment.path.stat().st_size != segment.size:
            return False
        os.replace(segment.path, segment.collected)
    return True


def set_aside(segment: Segment) -> Path:
    """Move a segment to the collected ones beside the other one of its name; returns where."""
    place, number = segment.collected, 2
    stem = place.stem
    while place.exists():
        place, number = place.with_name(f"{stem}~{number}{place.suffix}"), number + 1
    segment.path.rename(place)
    return place


def look(path: Path) -> Segment:
    """A segment as it is now.

    Raises:
        OSError: if it can't be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        lines = islice((line for line in file if line != EMPTY), LOOKED_AT)
        told = next(filter(None, map(object_in, lines)), {})
        file.seek(max(0, size - 1))
        is_whole = file.read(1) in (b"\n", b"")
    model, number = told.get("model"), told.get("format")
    return Segment(
        path,
        size,
        is_whole,
        model if isinstance(model, str) else None,
        number if isinstance(number, int) else None,
    )
