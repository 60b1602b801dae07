"""How generated rows come into a CSV file: part by part, whole or not at all."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from hitcast.errors import SourceError

Progress = Callable[[int], None]
Part = Sequence[Sequence[Any]]
"""Some rows, column by column."""


def require_rows(rows: int, example: str = "100000") -> None:
    """Refuse what is no number of rows.

    Args:
        rows: How many rows are asked for.
        example: What one may ask for instead.

    Raises:
        SourceError: if `rows` is not a whole number of at least 1.
    """
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
        raise SourceError(
            f"the twin needs a whole number of rows, at least 1; got {rows!r}. "
            f"Ask for example for {example}."
        )


def write_whole(
    path: Path, header: Sequence[str], parts: Iterable[Part], progress: Progress | None = None
) -> None:
    """Write a CSV file; it appears whole or not at all.

    Args:
        path: File to write; its folder is made if need be, an older file is replaced.
        header: Names of the columns.
        parts: The rows; one part at a time is held.
        progress: Called with the number of rows written since the last call.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            for part in parts:
                writer.writerows(zip(*part, strict=True))
                if progress is not None:
                    progress(len(part[0]))
        # A temporary file is for its owner's eyes alone; a data file need not be.
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
