"""Shadow versions: they score what others have answered, in a thread beside, and answer nobody.

A queue of so many rows is all that waits; what does not fit is dropped and counted, so that a
shadow that is slow, or fails, takes nothing from the answers but the processor's time.
"""

import asyncio
import logging
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from serving.experiments.choosing import Shadow
from serving.log.records import line, lines
from serving.rows import Batch
from serving.versions.served import Row

CLOSE_SECONDS = 3.0
STEP_SECONDS = 0.01
logger = logging.getLogger("hitcast.serving")


@dataclass(frozen=True)
class Shadowed:
    """An answer whose rows shadows score too.

    Attributes:
        shadows: Those that do.
        common: What the log's lines of the answer share.
        prediction_id: The answer's.
        batch: Its good rows.
        logged: The same as the log holds them.
        is_one: Whether they are one row that is no batch.
    """

    shadows: Sequence[Shadow]
    common: dict[str, Any]
    prediction_id: str
    batch: Batch
    logged: Sequence[Row]
    is_one: bool

    @property
    def rows(self) -> int:
        """How many rows each shadow scores."""
        return len(self.batch.rows)

    def lines(self, shadow: Shadow) -> bytes:
        """Score the rows by one version; the log's lines of that."""
        begun = time.perf_counter()
        scores = shadow.served.score_beside(self.batch)
        common = {
            **self.common,
            "version": shadow.served.number,
            "alias": shadow.alias,
            "latency_ms": round(1000 * (time.perf_counter() - begun), 3),
            **shadow.part.fields,
        }
        if self.is_one:
            return line(common, self.prediction_id, self.logged[0], scores)
        return lines(common, self.prediction_id, self.batch.places, self.logged, scores)


Keep = Callable[[bytes, int], object]
Count = Callable[[Shadow, str, int], object]


class Shadows:
    """The queue and its thread, of one worker; all but the scoring is the event loop's.

    Args:
        most: How many rows may wait, those of each shadow counted.
        keep: Takes lines, and of how many rows they are.
        count: Takes a shadow, what has become of rows, and how many there are.
    """

    def __init__(self, most: int, keep: Keep, count: Count) -> None:
        self._waiting: Tally[Shadow] = Tally()
        self._most, self._keep, self._count = most, keep, count
        self._queue: SimpleQueue[Shadowed | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """How many rows wait, those of each shadow counted."""
        return self._waiting.total()

    def put(self, shadowed: Shadowed) -> None:
        """Have the rows of an answer scored; they are counted as lost where there is no room."""
        if not shadowed.rows:
            return
        size = shadowed.rows * len(shadowed.shadows)
        if self._is_closed or self.waiting + size > self._most:
            for shadow in shadowed.shadows:
                self._count(shadow, "shadow_lost", shadowed.rows)
            return
        if self._thread is None:
            self._loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._work, name="shadows", daemon=True)
            self._thread.start()
        for shadow in shadowed.shadows:
            self._waiting[shadow] += shadowed.rows
        self._queue.put(shadowed)

    def _work(self) -> None:
        while (shadowed := self._queue.get()) is not None:
            for shadow in shadowed.shadows:
                found: bytes | None = None
                # Nobody waits for what is left once the loop is about to end.
                if not self._is_closed:
                    try:
                        found = shadowed.lines(shadow)
                    except Exception:
                        logger.exception("the shadow %r failed", shadow.alias)
                self._hand_over(shadow, shadowed.rows, found)

    def _hand_over(self, shadow: Shadow, rows: int, found: bytes | None) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._done, shadow, rows, found)
        except RuntimeError:
            pass  # The loop has ended; what was left was counted as lost.

    def _done(self, shadow: Shadow, rows: int, found: bytes | None) -> None:
        if self._is_closed:
            return
        self._waiting[shadow] -= rows
        if found is not None:
            self._keep(found, rows)
        self._count(shadow, "shadow_failed" if found is None else "shadow", rows)

    async def close(self) -> None:
        """Score what waits, for a few seconds; what is left by then is lost, which is told."""
        deadline = time.monotonic() + CLOSE_SECONDS
        while self.waiting and time.monotonic() < deadline:
            await asyncio.sleep(STEP_SECONDS)
        self._is_closed = True
        self._queue.put(None)
        if self.waiting:
            logger.warning("%d rows were not scored by shadows before the end", self.waiting)
            for shadow, rows in self._waiting.items():
                self._count(shadow, "shadow_lost", rows)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, CLOSE_SECONDS)
