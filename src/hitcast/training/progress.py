"""The progress bar of a training: fits done, fits to go, time left, on stderr."""

import sys
from types import TracebackType

from tqdm import tqdm


class Progress:
    """Counts fits; the bar's text says what is being fitted."""

    def __init__(self) -> None:
        self._bar = tqdm(total=0, unit="fit", file=sys.stderr, dynamic_ncols=True, mininterval=1)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def expect(self, fits: int) -> None:
        """So many fits more will be done."""
        self._bar.total = (self._bar.total or 0) + fits
        self._bar.refresh()

    def begin(self, text: str) -> None:
        """Say what comes now."""
        self._bar.set_description_str(text)

    def fit_done(self) -> None:
        """Another fit is done."""
        self._bar.update(1)
