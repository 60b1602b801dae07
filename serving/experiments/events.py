"""What happens to experiments, a line each in a log of their own, for the report to judge by.

A call may declare an experiment, so what was compared, and by what, stands in no file of `conf/`.
Lines are written by whoever has changed what is kept, while it holds that, so that each change has
one line, and their times are in the order of the changes.
"""

import threading
import time
from typing import Literal

import orjson

from serving.experiments.kept import Kept
from serving.log.inference_log import InferenceLog

FORMAT = 1
"""Of a line of the experiment log."""
Event = Literal["asked", "begun", "changed", "ended"]


class Events:
    """Writes the experiment log; threads may share it.

    What can't be written keeps nobody from anything: the log tells why, and it is tried again until
    the process ends.

    Args:
        log: The log; None: nothing is written.
        model: The model whose versions are compared.
    """

    def __init__(self, log: InferenceLog | None, model: str) -> None:
        self._log, self._model = log, model
        self._writing = threading.Lock()
        self._waiting: list[bytes] = []

    def write(self, event: Event, kept: Kept) -> None:
        """Log what has become of an experiment; in the file when this returns, if the log is well.

        Args:
            event: It was asked for, begins, has other weights, traffic or times, or has ended.
            kept: What is kept of it from now on; of one that has ended, what was.
        """
        if self._log is None:
            return
        line = {
            "format": FORMAT,
            "time": time.time(),
            "model": self._model,
            "event": event,
            "experiment": kept.experiment.name,
            "period": kept.period,
            "declared": kept.experiment.model_dump(mode="json"),
            "versions": {alias: info.number for alias, info in kept.pins.items()},
        }
        with self._writing:
            self._waiting.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self.tend()

    def tend(self) -> None:
        """Write what could not be written before."""
        if self._log is None or not self._waiting:
            return
        with self._writing:
            # None of them is lost, so none is counted as lost.
            if self._waiting and self._log.append(b"".join(self._waiting), 0):
                self._waiting.clear()
