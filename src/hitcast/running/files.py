"""Files that others read while they are written, and names that outlast a power cut."""

import os
import uuid
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, text: str, *, make_folder: bool = False) -> None:
    """Write a small file so that readers see the old text or the new one, nothing between.

    Args:
        path: The file.
        text: All of it.
        make_folder: Whether a folder that is not there is made.

    Raises:
        OSError: if it can't be written; the old text stays then.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Put on disk which names a folder has."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
