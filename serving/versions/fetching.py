"""The poller's side of the cache: versions copied in, broken copies replaced."""

import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hitcast.errors import ScorerInputError
from hitcast.models.registry import Registry
from hitcast.portable.card import CARD_FILE, MODEL_FILE, Card, sha256_of
from serving.versions.asking import BROKEN
from serving.versions.cache import BrokenCopyError, ScorerCache
from serving.versions.snapshot import VersionInfo
from serving.versions.telling import told

RETRY_SECONDS = 10.0
LONGEST_SECONDS = 60.0
"""What can't be fetched is tried again after pauses that grow up to this."""
BROKEN_SECONDS = 600.0
"""The same for what was fetched and found broken, each time all of it."""
SCRATCH = ".scratch-"
LONGEST_LINE = 1000
logger = logging.getLogger("hitcast.serving")


@dataclass(frozen=True)
class Failure:
    """A version that could not be brought: why, how often in a row, and when it is tried again."""

    problem: str
    times: int
    retry_at: float


class Fetcher:
    """Brings versions into a cache folder.

    Args:
        folder: The model's cache folder.
        home: The home folder, whose path is not told.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder, self._home = folder, home
        self._cache = ScorerCache(folder)
        self._failed: dict[str, Failure] = {}

    def problem(self, info: VersionInfo) -> str | None:
        """Why a version could not be brought; None while nothing is known against it."""
        failed = self._failed.get(info.place)
        return failed.problem if failed else None

    def is_asked_to_mend(self, info: VersionInfo) -> bool:
        """Whether a worker found the copy of a version broken."""
        return self._mark(info).exists()

    def bring(self, registry: Registry, info: VersionInfo) -> None:
        """Have a whole copy of a version; one that can't be brought is tried again later."""
        if self._is_here(info):
            return
        failed = self._failed.get(info.place)
        if failed and time.monotonic() < failed.retry_at:
            return
        try:
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=SCRATCH) as scratch:
                source = registry.download_scorer(info.number, Path(scratch))
                _verify(source)
                self._cache.add(info.place, source)
        except Exception as error:
            self._fail(info, error, failed.times if failed else 0)
        else:
            self._failed.pop(info.place, None)
            self._mark(info).unlink(missing_ok=True)

    def _is_here(self, info: VersionInfo) -> bool:
        """Whether the copy is there; one that a worker called broken is looked at first."""
        if not self._cache.has(info.place):
            return False
        if not self._mark(info).exists():
            return True
        try:
            self._cache.check(info.place)
        except BrokenCopyError:
            return False
        # It was replaced since, or could not be read for a moment.
        self._cache.vouch(info.place)
        self._mark(info).unlink(missing_ok=True)
        return True

    def _fail(self, info: VersionInfo, error: Exception, before: int) -> None:
        broken = isinstance(error, ScorerInputError)
        what = "its scorer is broken" if broken else "its scorer can't be fetched"
        problem = f"{what} ({told(error, [self._folder, self._home])})"
        if before == 0:
            # MLflow lists each file of a failed copy.
            logger.warning("version %d: %s: %s", info.number, what, str(error)[:LONGEST_LINE])
        pause = min(RETRY_SECONDS * 2**before, BROKEN_SECONDS if broken else LONGEST_SECONDS)
        self._failed[info.place] = Failure(problem, before + 1, time.monotonic() + pause)

    def _mark(self, info: VersionInfo) -> Path:
        return self._folder / BROKEN / info.place


def _verify(folder: Path) -> None:
    """Refuse a scorer that came broken from where it is kept.

    Raises:
        ScorerInputError: if its files do not belong together.
        OSError: if they did not come.
    """
    try:
        card = Card.from_json((folder / CARD_FILE).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ScorerInputError(f"{CARD_FILE} is not text: {error}") from error
    if sha256_of((folder / MODEL_FILE).read_bytes()) != card.sha256:
        raise ScorerInputError(f"{MODEL_FILE} is not the one of its {CARD_FILE}")
