"""What is kept of an experiment on this machine: one file, the same for all workers."""

import fcntl
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hitcast.declaration.experiment import Experiment
from serving.versions.snapshot import VersionInfo
from serving.versions.state import StateFile, stamp_of
from serving.versions.telling import told

EXPERIMENT_FILE = "experiment.json"
LOCK = ".experiment.lock"
PATIENCE_SECONDS = 5.0
STEP_SECONDS = 0.02


@dataclass(frozen=True)
class Phase:
    """An experiment from a moment on, when its traffic and weights are what they are.

    Attributes:
        experiment: It.
        period: The moment, in UTC, as the log's lines have it.
    """

    experiment: Experiment
    period: str

    @property
    def begins(self) -> float:
        """The moment in seconds since 1970."""
        return datetime.fromisoformat(self.period).timestamp()

    @property
    def ends(self) -> float:
        """Until when it is answered by, in seconds since 1970."""
        ends = self.experiment.ends
        return ends.timestamp() if ends else float("inf")


@dataclass(frozen=True)
class Kept:
    """An experiment as all workers of this machine have it.

    Attributes:
        experiment: As it was asked for last.
        pins: The version of each arm, by alias: that which the alias named when it began.
        revision: Another one whenever anything else here is.
        period: From when on it is answered by; None while not all workers have all arms.
        before: What holds until then, where weights or traffic were changed.
    """

    experiment: Experiment
    pins: Mapping[str, VersionInfo]
    revision: str = field(default_factory=lambda: uuid.uuid4().hex)
    period: str | None = None
    before: Phase | None = None

    @property
    def phases(self) -> tuple[Phase, ...]:
        """What is answered by, the later one last; none while it is being prepared."""
        now = () if self.period is None else (Phase(self.experiment, self.period),)
        return now if self.before is None else (self.before, *now)

    def phase_at(self, now: float) -> Phase | None:
        """What holds at a moment, in seconds since 1970; its end may have come."""
        return next((phase for phase in reversed(self.phases) if phase.begins <= now), None)

    def is_over(self, now: float) -> bool:
        """Whether its end has come."""
        ends = self.experiment.ends
        return ends is not None and ends.timestamp() <= now


def period_at(moment: float) -> str:
    """The name of a period that begins at a moment, in seconds since 1970."""
    found = datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
    return found.replace("+00:00", "Z")


class ExperimentFile(StateFile):
    """The experiment that runs, kept over restarts.

    Args:
        folder: The model's cache folder.

    Attributes:
        problem: Why it can't be read; None while it can, or there is none.
    """

    def __init__(self, folder: Path) -> None:
        self.problem: str | None = None
        super().__init__(folder / EXPERIMENT_FILE, "the experiment")
        self._folder = folder

    def stamp(self) -> object:
        """What changes when the file does."""
        return stamp_of(self.path)

    def read(self) -> Kept | None:
        """What runs; None where nothing does, or it can't be read."""
        self.problem = None
        try:
            return _kept(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.problem = f"the experiment that is kept here can't be read ({told(error)})"
            return None

    def keep(self, kept: Kept) -> None:
        """Keep an experiment in the place of the one before.

        Raises:
            StateError: if that can't be done; nothing has changed then.
        """
        self.write(json.dumps(_written(kept)))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody else of this machine change it within the block; in a thread, for it may wait.

        Raises:
            StateError: if it can't be held.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / LOCK).open("a")
        except OSError as error:
            raise self.refusal(error) from error
        with lock:
            try:
                _take(lock.fileno())
            except OSError as error:
                raise self.refusal(error) from error
            yield


def pinned(folder: Path) -> frozenset[str]:
    """The places of the versions that an experiment of this cache folder answers by."""
    kept = ExperimentFile(folder).read()
    return frozenset(info.place for info in kept.pins.values()) if kept else frozenset()


def _take(file: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
        time.sleep(STEP_SECONDS)


def _written(kept: Kept) -> dict[str, Any]:
    pins = {
        alias: {"number": info.number, "run_id": info.run_id, "created": info.created}
        for alias, info in kept.pins.items()
    }
    before = kept.before and {
        "experiment": kept.before.experiment.model_dump(mode="json"),
        "period": kept.before.period,
    }
    return {
        "experiment": kept.experiment.model_dump(mode="json"),
        "pins": pins,
        "revision": kept.revision,
        "period": kept.period,
        "before": before,
    }


def _kept(found: Mapping[str, Any]) -> Kept:
    pins = {alias: VersionInfo(**known) for alias, known in found["pins"].items()}
    experiment = Experiment.model_validate(found["experiment"])
    missing = {arm.alias for arm in experiment.arms} - pins.keys()
    if missing:
        raise ValueError(f"expected a version of each arm, got none of {sorted(missing)}")
    before = found["before"]
    if before is not None:
        held = Experiment.model_validate(before["experiment"])
        before = Phase(held, str(before["period"]))
    return Kept(experiment, pins, str(found["revision"]), found["period"], before)
