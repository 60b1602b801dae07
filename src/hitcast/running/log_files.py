"""The names of the inference log's files: what the API writes and `collect` reads.

A segment is `TIME-PID-RANDOM.jsonl`; `.open` is added while its writer holds it, and an empty file
with `.delivered` added beside it once its lines are in a table for good, or the file is in another
folder from which they get there. Delivered segments are
deleted by the API, the segment before its mark: a mark without a segment means nothing. A job that
has brought a segment's lines into a table moves it into the folder `collected` in that folder.
"""

from contextlib import suppress
from pathlib import Path

OPEN = ".open"
SEGMENT = ".jsonl"
DELIVERED = ".delivered"
COLLECTED = "collected"
LOCK = ".shipping"
"""Held by whoever brings a folder's closed segments elsewhere, or changes them."""


def closed(folder: Path) -> list[Path]:
    """The segments that are complete, oldest first, delivered ones too."""
    return sorted(folder.glob(f"[!.]*{SEGMENT}"))


def is_delivered(segment: Path) -> bool:
    """Whether a closed segment's lines are in a table for good."""
    return _mark(segment).exists()


def mark_delivered(segment: Path) -> None:
    """Say that a closed segment's lines are in a table for good; the API may delete it then."""
    _mark(segment).touch()


def delete_delivered(folder: Path) -> int:
    """Delete the segments that are marked as delivered; returns how many there were."""
    marks = list(folder.glob(f"*{SEGMENT}{DELIVERED}"))
    gone = 0
    for mark in marks:
        # One that can't be deleted does not keep the others.
        with suppress(OSError):
            mark.with_suffix("").unlink(missing_ok=True)
            mark.unlink(missing_ok=True)
            gone += 1
    return gone


def _mark(segment: Path) -> Path:
    return segment.with_name(segment.name + DELIVERED)
