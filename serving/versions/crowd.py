"""All workers of this machine: what this one tells the others, and what they say."""

from functools import partial
from pathlib import Path

from serving.versions.default import Default
from serving.versions.refusals import Refusals
from serving.versions.selection import Selection
from serving.versions.state import State
from serving.versions.workers import WORKERS, Mark, Report

LONGEST = 300
"""Characters of a problem that the others are told."""


class Crowd:
    """This worker among the others.

    Args:
        folder: The model's cache folder.
        default: What this worker serves.
        refusals: What it can't serve.
        state: Takes the writes.

    Attributes:
        experiment: The revision of the experiment that this worker is ready for.
    """

    def __init__(self, folder: Path, default: Default, refusals: Refusals, state: State) -> None:
        self.experiment: str | None = None
        self._default, self._refusals, self._state = default, refusals, state
        self._mark = Mark(folder)
        self._told: Report | None = None

    def tell(self, selection: Selection) -> None:
        """Tell the others what this worker does, where that has changed."""
        report = self._report(selection)
        if report == self._told or WORKERS in self._state.problems:
            return  # What could not be told is told again by the state's own tries.
        if self._state.attempt(WORKERS, partial(self._mark.tell, report)):
            self._told = report

    def close(self) -> None:
        """Tell them that it ends."""
        self._state.attempt(WORKERS, self._mark.close)

    def count(self, selection: Selection) -> tuple[int, int]:
        """How many workers there are, and how many serve what this one has selected."""
        own, others = self._report(selection), self._mark.others()
        return 1 + len(others), sum(report.follows(own) for report in [own, *others])

    def ready(self, experiment: str | None) -> tuple[int, int]:
        """How many workers there are, and how many are ready for an experiment's revision.

        That of none is None.
        """
        told = [self.experiment, *(report.experiment for report in self._mark.others())]
        return len(told), told.count(experiment)

    def refused(self) -> dict[str, str]:
        """What any of them knows against cached copies, by place."""
        found: dict[str, str] = {}
        for report in self._mark.others():
            found |= report.refused
        return found | self._refusals.all()

    def _report(self, selection: Selection) -> Report:
        standing, problem = self._default.standing, self._default.problem
        place = standing.served.info.place if standing else None
        if place is None and problem is None:
            problem = "no version yet"
        shown = problem and problem[:LONGEST]
        refused, experiment = self._refusals.all(), self.experiment
        return Report(selection.alias, selection.version, place, shown, refused, experiment)
