"""What callers are told of a fault: what it is, without where on this machine it happened."""

import re
from collections.abc import Sequence
from pathlib import Path

from hitcast.errors import HitcastError

_PLACE = re.compile(r"https?://\S+|(?:\b(?:sqlite|file):)?(?<![\w.])/[^\s'\",;:()]*")


def without_paths(text: str, folders: Sequence[Path] = ()) -> str:
    """A text whose paths have lost all but their last part.

    Args:
        text: For people on this machine.
        folders: Folders that it may name; their names may hold spaces, which others may not.
    """
    for folder in sorted(map(str, folders), key=len, reverse=True):
        if folder != "/":
            text = text.replace(folder, "/…")
    return _PLACE.sub(_last_part, text)


def _last_part(found: re.Match[str]) -> str:
    text = found.group()
    return text if text.startswith("http") else text.rstrip("/").rpartition("/")[2]


def told(error: BaseException, folders: Sequence[Path] = ()) -> str:
    """An error in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, HitcastError):
        return without_paths(str(error), folders)
    return type(error).__name__
