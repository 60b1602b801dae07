"""Spark's Python workers on one machine, without the lines that XGBoost prints at each fit.

`[19:54:44] Task 0 got rank 0` comes from XGBoost's library whatever its verbosity, and cuts through
a training's progress bar. The session names this module as Spark's `spark.python.daemon.module`.
"""

import re
import sys
from typing import Any, TextIO

from pyspark.daemon import manager

RANK = re.compile(r"^(\[[\d:]+\] )?Task \S+ got rank \d+\s*$")


class WithoutRanks:
    """A text stream that passes on what is written to it, but for those lines.

    Args:
        stream: Gets the rest; it answers for everything else that streams have.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._left_out = False

    def write(self, text: str) -> int:
        """Write the text, unless it is such a line or the line break that `print` adds to one."""
        held_back = RANK.match(text) is not None or (self._left_out and text == "\n")
        self._left_out = held_back and not text.endswith("\n")
        return len(text) if held_back else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


if __name__ == "__main__":
    sys.stdout = WithoutRanks(sys.stdout)
    manager()
