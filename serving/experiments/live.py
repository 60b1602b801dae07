"""The experiment in this worker: it follows the file that all workers share, and says who is in it.

A new experiment is prepared first: each worker loads all arms and says so. When all have said so,
one of them writes from when on it is answered by, a moment that all know before it comes; so a unit
does not go to and fro between workers that have heard of it and others that have not. A worker that
starts later loads the arms before it takes its first request.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

from hitcast.declaration.experiment import Experiment
from serving.experiments.arms import ArmVersions
from serving.experiments.changing import begun, changed, check_new, is_taken, started
from serving.experiments.choosing import Choice, Turn, Unloaded, unit_in_traffic
from serving.experiments.events import Events
from serving.experiments.kept import ExperimentFile, Kept
from serving.versions.snapshot import VersionInfo
from serving.versions.state import StateError
from serving.versions.switch import Switchboard

LEAD_SECONDS = 1.0
"""All workers know of what begins so much later: they look four times a second."""
UNREAD: object = object()
logger = logging.getLogger("hitcast.serving")


class Experiments:
    """What runs, and which version answers whom.

    Args:
        switch: Knows the versions, and the other workers; its folder keeps the experiment.
        events: Logs what this worker changes.

    Attributes:
        kept: What runs, as last seen; None where nothing does.
        arms: Its versions.
    """

    def __init__(self, switch: Switchboard, events: Events) -> None:
        self.kept: Kept | None = None
        self.arms = ArmVersions(switch.warm)
        self._switch, self._file = switch, ExperimentFile(switch.folder)
        self._events = events
        self._turns: Sequence[Turn] = ()
        self._seen: object = UNREAD
        self._looking = asyncio.Lock()
        self._told: str | None = None

    @property
    def problems(self) -> list[str]:
        """What is amiss, for people: a file that can't be read, arms that are broken."""
        found = [self._file.problem] if self._file.problem else []
        if (kept := self.kept) is None or kept.is_over(time.time()):
            return found
        for arm in kept.experiment.arms:
            if problem := self.arms.problem(arm.alias):
                number = kept.pins[arm.alias].number
                instead = "it scores nothing" if arm.shadow else "the default answers for it"
                which = f"experiment {kept.experiment.name}, arm {arm.alias} (version {number})"
                found.append(f"{which}: {problem}; {instead}")
        return found

    @property
    def running(self) -> Experiment | None:
        """What was started and has not come to its end."""
        kept = self._file.read()
        return None if kept is None or kept.is_over(time.time()) else kept.experiment

    @property
    def is_on(self) -> bool:
        """Whether units are answered by it now."""
        return self._turn() is not None

    def choice(self, headers: Sequence[tuple[bytes, bytes]]) -> Choice | Unloaded | None:
        """What answers a request that names no version; None: the default, as ever.

        Args:
            headers: The request's, as they came.
        """
        if not self._turns or (turn := self._turn()) is None:
            return None
        unit = unit_in_traffic(headers)
        return None if unit is None else turn.of(unit)

    def _turn(self) -> Turn | None:
        now = time.time()
        for turn in reversed(self._turns):
            if turn.begins <= now:
                return turn if now < turn.ends else None
        return None

    async def look(self) -> None:
        """Take in what has changed since the last look; one look at a time."""
        async with self._looking:
            self._events.tend()
            stamp = self._file.stamp()
            is_new, is_held = stamp != self._seen, False
            if is_new:
                self.kept = self._file.read()
                if self._file.problem and self._file.problem != self._told:
                    logger.error("%s; answers go on without it", self._file.problem)
                self._told = self._file.problem
                # What could not be read is read again.
                self._seen = UNREAD if self._file.problem else stamp
                is_held = self.kept is not None and self.arms.holds(self.kept)
                if is_held:
                    # Other weights need no loading, which may take long.
                    self._take_turns()
            if await self.arms.follow(self.kept) or (is_new and not is_held):
                self._take_turns()
            self._tell()
            if self.kept is not None and self.kept.period is None and self.arms.is_whole:
                await asyncio.to_thread(self._start_if_all_are_ready, self.kept)

    def _take_turns(self) -> None:
        phases = self.kept.phases if self.kept else ()
        self._turns = [Turn(phase, self.arms.loaded) for phase in phases]

    def _tell(self) -> None:
        """Tell the other workers for what this one is ready."""
        kept = self.kept
        # One that has begun is followed with what there is: the default answers for the rest.
        ready = kept is not None and (kept.period is not None or self.arms.is_whole)
        self._switch.crowd.experiment = kept.revision if kept is not None and ready else None
        self._switch.crowd.tell(self._switch.selection)

    def _start_if_all_are_ready(self, kept: Kept) -> None:
        workers, ready = self._switch.crowd.ready(kept.revision)
        if workers > ready:
            return
        try:
            with self._file.held():
                if self._file.read() == kept:
                    lead = LEAD_SECONDS if workers > 1 else 0.0
                    now = started(kept, time.time() + lead)
                    self._file.keep(now)
                    self._events.write("begun", now)
                    logger.info("the experiment %s begins", kept.experiment.name)
        except StateError as error:
            logger.warning("%s", error)

    async def begin(self, wanted: Experiment) -> None:
        """Start an experiment, or change the one that runs; its versions are loaded here by then.

        Raises:
            ExperimentRunsError: if another one runs, or this one can't be changed so.
            BadRequestError: if it would never be on.
            NoRegistryError: if one exported scorer is all that there is.
            UnknownVersionError: if there is no such alias.
            NotReadyError: if an arm can't be loaded.
            StateError: if it can't be kept.
        """
        self._switch.listed()
        pins: dict[str, VersionInfo] = {}
        if not is_taken(self._file.read(), wanted, time.time()):
            check_new(wanted, time.time())
            for arm in wanted.arms:
                pins[arm.alias] = (await self._switch.find(arm.alias, None)).info
        await asyncio.to_thread(self._keep, wanted, pins)

    def _keep(self, wanted: Experiment, pins: dict[str, VersionInfo]) -> None:
        with self._file.held():
            kept = self._file.read()
            if is_taken(kept, wanted, time.time()):
                assert kept is not None
                found = changed(kept, wanted, time.time(), LEAD_SECONDS)
                if found is not kept:
                    self._file.keep(found)
                    self._events.write("changed", found)
                return
            if not pins:
                raise StateError("another call has ended the experiment meanwhile; ask again")
            found = begun(wanted, pins)
            self._file.keep(found)
            if kept is not None:
                # Its end has come, and it gives way.
                self._events.write("ended", kept)
            self._events.write("asked", found)

    async def end(self) -> None:
        """End what runs, in all workers.

        Raises:
            NoRegistryError: if one exported scorer is all that there is.
            StateError: if that can't be kept.
        """
        self._switch.listed()
        await asyncio.to_thread(self._clear)

    def _clear(self) -> None:
        with self._file.held():
            kept = self._file.read()
            self._file.clear()
            if kept is not None:
                self._events.write("ended", kept)
