"""Copies that can't be loaded, remembered for as long as their files stay as they are.

A broken copy can be mended by the poller. One that is whole and still can't be served, because it
asks for other inputs than the declaration has, say, stays so until its files change, or until a
new process comes with a new declaration: fetching it again would not help.
"""

import time
from dataclasses import dataclass

from hitcast.errors import HitcastError, ScorerInputError
from serving.versions.cache import BrokenCopyError, Copies
from serving.versions.telling import told

Stamp = tuple[int, int] | None
UNSURE_SECONDS = 300.0
"""What failed for a reason that is not the model's own is tried again after so long."""


class NotReadyError(RuntimeError):
    """Nothing can answer yet; says what to do."""


class StartingError(NotReadyError):
    """Nothing can answer yet, and nothing is wrong: it takes a moment."""


@dataclass(frozen=True)
class Refusal:
    """Why a copy was not loaded, and until when that holds unless its stamp changes."""

    stamp: Stamp
    problem: str
    broken: bool
    until: float


class Refusals:
    """What this worker knows against copies."""

    def __init__(self, cache: Copies) -> None:
        self._cache = cache
        self._known: dict[str, Refusal] = {}

    def note(self, place: str, stamp: Stamp, error: Exception) -> Exception:
        """Remember why a copy could not be loaded.

        Args:
            place: The copy.
            stamp: What it was when loading began.
            error: What came of it.

        Returns:
            What to raise.
        """
        cause = error.__cause__ or error
        if isinstance(cause, OSError | MemoryError) and not isinstance(cause, FileNotFoundError):
            return NotReadyError(f"its files can't be read now ({told(error)}); tried again soon")
        if not isinstance(error, HitcastError):
            error = ScorerInputError(f"its scorer can't be loaded ({told(error)})")
            until = time.monotonic() + UNSURE_SECONDS
        else:
            until = float("inf")
        if stamp == self._cache.stamp(place):
            broken = isinstance(error, BrokenCopyError)
            self._known[place] = Refusal(stamp, told(error), broken, until)
        return error

    def raise_known(self, place: str) -> None:
        """Refuse a copy that is known.

        Raises:
            BrokenCopyError: if it is broken.
            ScorerInputError: if it can't be served as it is.
        """
        known = self._current(place)
        if known is not None:
            raise (BrokenCopyError if known.broken else ScorerInputError)(known.problem)

    def is_broken(self, place: str) -> bool:
        """Whether a copy is known to be broken."""
        known = self._current(place)
        return known is not None and known.broken

    def problem(self, place: str) -> str | None:
        """What is known against a copy."""
        known = self._current(place)
        return known.problem if known else None

    def all(self) -> dict[str, str]:
        """What is known, by place."""
        found = {place: self.problem(place) for place in list(self._known)}
        return {place: problem for place, problem in found.items() if problem}

    def _current(self, place: str) -> Refusal | None:
        known = self._known.get(place)
        if known is None:
            return None
        if known.stamp != self._cache.stamp(place) or time.monotonic() >= known.until:
            del self._known[place]
            return None
        return known
