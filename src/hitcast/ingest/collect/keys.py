"""The key of a log's units: which it is stands beside the segments, by a fingerprint.

With another key erasing would find nothing, and collect would make two units of one.
"""

from contextlib import suppress
from pathlib import Path

from hitcast.errors import EnvironmentSetupError, LakehouseError
from hitcast.ingest.collect.fields import NEWEST
from hitcast.ingest.collect.segments import waiting
from hitcast.running.files import write_whole
from hitcast.running.home import Home
from hitcast.running.unit_ids import VARIABLE, fingerprint, key_of, known_key
from hitcast.tables.delta import Table

FILE = ".unit_key"
"""In the folder of answers: fingerprints of the keys that hashed its units, one a line."""


def key_to_erase(home: Home, folder: Path) -> bytes:
    """The key that the units in a folder of answers were hashed with.

    Raises:
        LakehouseError: if there is none, or the log was hashed with another.
    """
    key = known_key(home)
    if key is None:
        raise LakehouseError(
            f"expected the key that the log's units were hashed with, found neither {VARIABLE} nor "
            f"{home.unit_key}; without it nobody can tell which lines are of this unit"
        )
    _expect(key, folder)
    return key


def key_to_hash(home: Home, folder: Path, table: Table) -> bytes:
    """The key for units that are in lines as they were sent; made where nothing is hashed yet.

    Args:
        home: Has the key.
        folder: The segments of answers.
        table: What was collected of them.

    Raises:
        LakehouseError: if there is none though units were hashed, or that was with another.
    """
    key = known_key(home)
    if key is not None:
        _expect(key, folder)
        return key
    if _fingerprints(folder) or _has_hashed(folder) or _has_rows(table):
        raise LakehouseError(
            f"expected the key that the API hashes the log's units with, found neither {VARIABLE} "
            f"nor {home.unit_key}, and lines with units as they were sent, which a new key would "
            f"make others of; set {VARIABLE} as the API has it"
        )
    return key_of(home)


def remember_key(home: Home, folder: Path) -> None:
    """Note which key a folder's units were hashed with, where that is known and not noted yet."""
    if not folder.is_dir() or _fingerprints(folder):
        return
    # It is a help for later: whoever may not read the key can collect what is hashed already.
    with suppress(EnvironmentSetupError, OSError):
        key = known_key(home)
        if key is not None:
            write_whole(folder / FILE, f"{fingerprint(key)}\n")


def _expect(key: bytes, folder: Path) -> None:
    known, own = _fingerprints(folder), fingerprint(key)
    if known and own not in known:
        raise LakehouseError(
            f"expected the key of units with the fingerprint {' or '.join(known)}, as "
            f"{folder / FILE} has it, found one with {own}: the log was hashed with another; set "
            f"{VARIABLE} as the API has it, or add the line {own} there if the API has had this one"
        )


def _fingerprints(folder: Path) -> list[str]:
    try:
        return (folder / FILE).read_text().split()
    except (OSError, UnicodeDecodeError):
        return []


def _has_hashed(folder: Path) -> bool:
    """Whether segments that wait have units that were hashed before they were written."""
    return any(
        segment.format is not None and segment.format >= NEWEST for segment in waiting(folder)
    )


def _has_rows(table: Table) -> bool:
    """Whether a table has such units."""
    if not table.exists():
        return False
    rows = table.read()
    return not rows.where((rows["format"] >= NEWEST) & rows["unit"].isNotNull()).isEmpty()
