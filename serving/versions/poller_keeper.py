"""Keeps a poller process going, beside a worker."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEP_SECONDS = 0.5
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 60.0
WELL_SECONDS = 60.0
"""A poller that has run for so long has run well: the pauses are short again."""
logger = logging.getLogger("hitcast.serving")


class Pauses:
    """How long to wait until the next start: a start takes 4 s of CPU and 200 MB."""

    def __init__(self) -> None:
        self._next = FIRST_SECONDS

    def after(self, seconds: float, *, meant: bool) -> float:
        """The pause after a process that ran for so long; a meant end is no failure."""
        if meant or seconds >= WELL_SECONDS:
            self._next = FIRST_SECONDS
        pause, self._next = self._next, min(2 * self._next, LONGEST_SECONDS)
        return pause


class PollerKeeper:
    """Starts a poller, and another one when it has ended.

    Args:
        arguments: The poller's: home, model, cache folder, seconds between looks.
        tracking_uri: MLflow's server, if another than the environment's.
    """

    def __init__(self, arguments: Sequence[str], tracking_uri: str | None) -> None:
        self._command = [sys.executable, "-m", "serving.versions.poller", *arguments]
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        if tracking_uri:
            self._environment["MLFLOW_TRACKING_URI"] = tracking_uri

    async def keep(self) -> None:
        """Do so for ever."""
        pauses = Pauses()
        while True:
            begun, meant = time.monotonic(), False
            try:
                status = await self._run()
                meant = status == 0
                if not meant:
                    logger.error("the registry's poller ended with %d", status)
            except Exception:
                logger.exception("the registry's poller can't be started")
            await asyncio.sleep(pauses.after(time.monotonic() - begun, meant=meant))

    async def _run(self) -> int:
        """One poller from its start to its end; its status."""
        poller = subprocess.Popen(
            [*self._command, str(os.getpid())], env=self._environment, stdin=subprocess.DEVNULL
        )  # fmt: skip
        try:
            while (status := poller.poll()) is None:
                await asyncio.sleep(STEP_SECONDS)
            return status
        finally:
            if poller.poll() is None:
                poller.terminate()
                with suppress(subprocess.TimeoutExpired):
                    poller.wait(timeout=2)
