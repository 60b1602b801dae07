"""The last default that was good, on disk: what to begin with where the registry is not there."""

import json
from pathlib import Path

from hitcast.running.files import write_whole
from serving.versions.snapshot import VersionInfo

LAST_GOOD_FILE = "last_good.json"


def keep_last_good(folder: Path, info: VersionInfo) -> None:
    """Write down the version to begin with where the registry is not there.

    Raises:
        OSError: if that can't be written.
    """
    found = {"number": info.number, "run_id": info.run_id}
    write_whole(folder / LAST_GOOD_FILE, json.dumps(found))


def last_good(folder: Path) -> VersionInfo | None:
    """That version, if one was written down."""
    try:
        found = json.loads((folder / LAST_GOOD_FILE).read_text(encoding="utf-8"))
        return VersionInfo(int(found["number"]), str(found["run_id"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
