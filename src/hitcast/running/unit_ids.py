"""Who asked, as the log holds it: ids of units hashed with a key, which alone leads back to them.

The key is `HITCAST_UNIT_KEY`, else what the file `unit.key` in the home folder holds, which is made
once. Both are text, so that what is in the file may be put into the variable.
"""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from hitcast.errors import EnvironmentSetupError
from hitcast.running.files import sync_folder
from hitcast.running.home import Home

VARIABLE = "HITCAST_UNIT_KEY"
DIGITS = 32
"""Hex digits of a hashed id, half of those that the hash has."""
KEY_BYTES = 32


def hashed(key: bytes, unit: str) -> str:
    """The id of a unit as the log holds it: HMAC-SHA256 (RFC 2104), its first 32 hex digits."""
    return hmac.digest(key, unit.encode(), "sha256").hex()[:DIGITS]


def key_of(home: Home) -> bytes:
    """The key of a home, which is made where there is none; two processes at once get one.

    Raises:
        EnvironmentSetupError: if it can't be read or made, or is empty.
    """
    found = known_key(home)
    if found is not None:
        return found
    try:
        home.folder.mkdir(parents=True, exist_ok=True)
        _make(home.unit_key)
    except OSError as error:
        raise _unusable(home.unit_key, error) from None
    return _read(home.unit_key)


def known_key(home: Home) -> bytes | None:
    """The key of a home; None where there is none yet.

    Raises:
        EnvironmentSetupError: if there is one that can't be read, or that is empty.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        return given.encode()
    return _read(home.unit_key) if home.unit_key.exists() else None


def _make(place: Path) -> None:
    """Give the file its name once it is whole and on disk; one that is there stays."""
    partial = place.with_name(f".{place.name}.{os.getpid()}.{secrets.token_hex(4)}")
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secrets.token_hex(KEY_BYTES).encode() + b"\n")
        os.fsync(file)
        # A rename would take the place of what another process has made meanwhile.
        with suppress(FileExistsError):
            os.link(partial, place)
        # No line outlasts the key of its unit.
        sync_folder(place.parent)
    finally:
        os.close(file)
        partial.unlink(missing_ok=True)


def _read(place: Path) -> bytes:
    try:
        key = place.read_bytes().strip()
    except OSError as error:
        raise _unusable(place, error) from None
    if not key:
        raise EnvironmentSetupError(
            f"expected the key of unit ids in {place}, found an empty file; put back the key that "
            f"the log was written with, or set {VARIABLE}"
        )
    return key


def _unusable(place: Path, error: OSError) -> EnvironmentSetupError:
    return EnvironmentSetupError(
        f"expected to read or make the key of unit ids at {place}, got: {error.strerror}; run as "
        f"the user who owns it, or set {VARIABLE} to what it holds"
    )
