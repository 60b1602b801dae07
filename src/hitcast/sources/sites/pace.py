"""The pace of a site's requests: one after the other, whoever makes them."""

import threading
import time

from hitcast.sources.sites.failures import EndedError


class Pace:
    """Lets requests go with a pause between each two, and none while the site is to be left alone.

    Attributes:
        seconds: The pause.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ended = threading.Event()
        self._turns = threading.Lock()
        self._change = threading.Lock()
        self._free_at = 0.0

    def turn(self) -> None:
        """Wait until a request may go.

        Raises:
            EndedError: if the site is done with meanwhile.
        """
        with self._turns:
            while (left := self._free_at - time.monotonic()) > 0:
                self.sleep(left)
            self.sleep(0)
            self.hold(self.seconds)

    def hold(self, seconds: float) -> None:
        """Let nothing go for that long, from now on."""
        with self._change:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            EndedError: if the site is done with meanwhile, or was before.
        """
        if self._ended.wait(seconds):
            raise EndedError

    def end(self) -> None:
        """Let nothing go any more; who waits is told so."""
        self._ended.set()
