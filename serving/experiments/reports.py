"""Reports of experiments, which jobs write as JSON files, newest first."""

import json
import logging
from pathlib import Path
from typing import Any

MOST = 100
"""So many reports are told; older ones are left out."""
MOST_BYTES = 2**20
"""Of a file; a larger one is no report."""
ALL_BYTES = 8 * 2**20
"""Of all reports in one answer."""
logger = logging.getLogger("hitcast.serving")


class Reports:
    """The reports in one folder.

    Args:
        folder: Where jobs put them; it may be missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: dict[str, str] = {}

    def read(self, experiment: str | None = None) -> list[Any]:
        """The reports, newest first, or that of one experiment; in a thread, for a disk is slow.

        One that can't be read is left out, which the log tells once.
        """
        found: list[Any] = []
        size = 0
        for path in self._newest():
            if experiment is not None and path.stem != experiment:
                continue
            try:
                text = self._text(path)
                report = json.loads(text)
                if not isinstance(report, dict):
                    raise ValueError("expected a JSON object")
            except (OSError, ValueError) as error:
                self._tell(path, str(error))
                continue
            size += len(text)
            if size > ALL_BYTES or len(found) == MOST:
                break
            found.append(report)
        return found

    def _newest(self) -> list[Path]:
        times = []
        for path in self._folder.glob("[!.]*.json"):
            try:
                times.append((path.stat().st_mtime_ns, path))
            except OSError as error:
                self._tell(path, str(error))
        return [path for _, path in sorted(times, reverse=True)]

    def _text(self, path: Path) -> bytes:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError(f"expected at most {MOST_BYTES} bytes")
        return text

    def _tell(self, path: Path, problem: str) -> None:
        if self._told.get(path.name) != problem:
            logger.warning("the report %s is left out: %s", path.name, problem)
            self._told[path.name] = problem
