"""What log and cache ask of files and folders."""

import os
from contextlib import suppress
from pathlib import Path


def is_still_at(path: Path, file: int) -> bool:
    """Whether an open file still has its name: folders may be removed while they are in use."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def bytes_in(folder: Path) -> int:
    """How much the files in a folder hold; what goes while they are counted is left out."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            if not path.is_dir():
                total += path.stat().st_size
    return total
