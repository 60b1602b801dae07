"""A file that can be read for as long as somebody holds it, wherever its folder has gone."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


class KeptFile:
    """A file, opened at once; whoever drops this object closes it.

    Args:
        path: The file; it may be missing.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO | None = None
        with suppress(FileNotFoundError):
            self._file = path.open("rb", buffering=0)

    def read(self) -> bytes | None:
        """All of it, in any thread; None where there was no such file."""
        if self._file is None:
            return None
        file, parts, place = self._file.fileno(), [], 0
        while part := os.pread(file, 2**24, place):
            parts.append(part)
            place += len(part)
        return b"".join(parts)
