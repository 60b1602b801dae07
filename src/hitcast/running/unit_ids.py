"""Who asked, as the log holds it: ids of units hashed with a key, which alone leads back to them.

The key is `HITCAST_UNIT_KEY`, else what the file `unit.key` in the home folder holds, which is made
once. Both are text, so that what is in the file may be put into the variable.
"""

import hmac
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from hitcast.errors import EnvironmentSetupError
from hitcast.running.files import sync_folder
from hitcast.running.home import Home

VARIABLE = "HITCAST_UNIT_KEY"
DIGITS = 32
"""Hex digits of a hashed id, half of those that the hash has."""
KEY_BYTES = 32
LONGEST_BEFORE = 200
WRITTEN_SECONDS = 2.0
"""A key's file that is made without a hard link has its text sooner than that."""
FINGERPRINT_OF = b"hitcast unit key"


def unit_in(value: bytes) -> str | None:
    """The unit that a header, or a command line, names: without space around it; None: no unit."""
    value = value.strip()
    if not value:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def as_read_before(unit: str) -> set[str]:
    """What lines of formats 1 and 2 may have for a unit: latin-1 of its bytes, cut after 200.

    Of an id that was cut also what collect makes of it; it may be another unit's with that
    beginning, which nobody can tell.
    """
    found = {unit.encode().decode("latin-1")[:LONGEST_BEFORE], unit[:LONGEST_BEFORE]}
    for text in tuple(found):
        with suppress(UnicodeError):
            found.add(text.encode("latin-1").decode())
    return found


def hashed(key: bytes, unit: str) -> str:
    """The id of a unit as the log holds it: HMAC-SHA256 (RFC 2104), its first 32 hex digits."""
    return hmac.digest(key, unit.encode(), "sha256").hex()[:DIGITS]


def fingerprint(key: bytes) -> str:
    """What a key is known again by, and nothing else: 8 hex digits."""
    return hmac.digest(key, FINGERPRINT_OF, "sha256").hex()[:8]


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
    text = secrets.token_hex(KEY_BYTES).encode() + b"\n"
    try:
        _write(partial, text)
        try:
            # A rename would take the place of what another process has made meanwhile.
            os.link(partial, place)
        except FileExistsError:
            pass
        except OSError:
            # No hard links here: it has its name before its text, so that readers wait for that.
            with suppress(FileExistsError):
                _write(place, text)
        # No line outlasts the key of its unit; where folders can't be synced, it is on its own.
        with suppress(OSError):
            sync_folder(place.parent)
    finally:
        partial.unlink(missing_ok=True)


def _write(place: Path, text: bytes) -> None:
    """Write a file that must not be there, for its owner alone, to disk."""
    file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, text)
        os.fsync(file)
    except OSError:
        place.unlink(missing_ok=True)
        raise
    finally:
        os.close(file)


def _read(place: Path) -> bytes:
    patience = time.monotonic() + WRITTEN_SECONDS
    try:
        while not (key := place.read_bytes().strip()):
            if time.monotonic() > patience or time.time() > place.stat().st_mtime + WRITTEN_SECONDS:
                break
            time.sleep(0.02)
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
