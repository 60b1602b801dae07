"""Whom an answer is for: `X-Unit-Id` as it comes, and as the log holds it."""

import logging
import time
from collections.abc import Sequence

from hitcast.errors import EnvironmentSetupError
from hitcast.running.unit_ids import hashed, key_of, unit_in
from serving.settings import Settings
from serving.versions.telling import told

UNIT_HEADER = b"x-unit-id"
LONGEST_CACHED = 200
"""Ids with more characters are worked out each time: they may be as long as headers may."""
REMEMBERED = 10_000
RETRY_SECONDS = 5.0
logger = logging.getLogger("hitcast.serving")


def raw_header(headers: Sequence[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """A header of a request, the first where there are several; empty where there is none."""
    for name, value in headers:
        if name == wanted:
            return value
    return b""


def unit_of(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """The unit that a request names; None where it names none."""
    return unit_in(raw_header(headers, UNIT_HEADER))


class UnitIds:
    """Hashes units for the log, by the key of the home.

    Without a key the log's lines have no unit: a key that each process made up for itself would
    make several of each unit.

    Args:
        settings: Say where the home is; a key among them goes before the home's file.

    Attributes:
        problem: Why there is no key; None while there is one.
    """

    def __init__(self, settings: Settings) -> None:
        self.problem: str | None = None
        given = settings.unit_key.get_secret_value().strip() if settings.unit_key else ""
        self._key = given.encode() or None
        self._home = settings.place
        self._retry_at = 0.0
        self._known: dict[str, str] = {}

    def tend(self) -> None:
        """Take the home's key, or make it; tried again now and then where that can't be done."""
        if self._key is not None or time.monotonic() < self._retry_at:
            return
        self._retry_at = time.monotonic() + RETRY_SECONDS
        try:
            self._key, self.problem = key_of(self._home), None
        except EnvironmentSetupError as error:
            if self.problem is None:
                logger.error("the log's lines have no units: %s", error)
            self.problem = f"the log's lines have no units: {told(error, [self._home.folder])}"

    def of(self, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
        """The unit of a request as the log holds it; None where it names none, or without key."""
        unit = unit_of(headers)
        if unit is None or self._key is None:
            return None
        found = self._known.get(unit)
        if found is None:
            found = hashed(self._key, unit)
            if len(unit) <= LONGEST_CACHED:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[unit] = found
        return found
