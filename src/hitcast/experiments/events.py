"""What happened to an experiment, as the table `experiments` has it: line by line, run by run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from hitcast.declaration.experiment import Experiment
from hitcast.declaration.loading import explained
from hitcast.errors import ExperimentError
from hitcast.tables.lakehouse import Lakehouse

ASKED, ENDED = "asked", "ended"


@dataclass(frozen=True)
class Line:
    """What happened to an experiment.

    Attributes:
        time: When, in UTC.
        event: `asked`, `begun`, `changed` or `ended`.
        period: Since when it is answered by as it is declared; None while it is not.
        declared: The experiment from then on.
        versions: Of each arm, by alias.
    """

    time: datetime
    event: str
    period: str | None
    declared: Experiment
    versions: Mapping[str, int]

    @property
    def fixed(self) -> dict[str, Any]:
        """What has to be the same of all answers that are compared under one name."""
        return {"versions": dict(self.versions), **fixed_of(self.declared)}


def fixed_of(experiment: Experiment) -> dict[str, Any]:
    """What can't be changed while it runs, and decides what its report says."""
    return {
        "arms": [f"{a.alias} (shadow)" if a.shadow else a.alias for a in experiment.arms],
        "metric": experiment.metric,
        "smallest_difference": experiment.smallest_difference,
    }


def lines_of(lakehouse: Lakehouse, name: str) -> list[Line]:
    """What happened to the experiment of that name, oldest first; nothing without the table.

    Raises:
        ExperimentError: if a line holds no experiment that is known here.
    """
    table = lakehouse.experiments
    if not table.exists():
        return []
    own = [row for row in table.rows() if row["experiment"] == name]
    in_order = sorted(own, key=lambda row: (row["time"], row["segment"], row["line"]))
    return [_read(row) for row in in_order]


def _read(row: Mapping[str, Any]) -> Line:
    try:
        declared = Experiment.model_validate_json(row["declared"])
    except ValidationError as error:
        raise ExperimentError(
            f"expected an experiment in {row['segment']} line {row['line']} of the table "
            f"experiments, got: {explained(error)}; install the version of Hitcast that wrote it"
        ) from None
    versions = dict(row["versions"] or {})
    return Line(row["time"], row["event"], row["period"], declared, versions)


def names_in(lakehouse: Lakehouse) -> list[str]:
    """The experiments that the table has."""
    table = lakehouse.experiments
    if not table.exists():
        return []
    return sorted({row["experiment"] for row in table.rows()})


def runs_of(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines, apart for each time that it was started."""
    runs: list[list[Line]] = []
    for line in lines:
        if not runs or line.event == ASKED or runs[-1][-1].event == ENDED:
            runs.append([])
        runs[-1].append(line)
    return runs


def may_have_answered(run: Sequence[Line]) -> bool:
    """Whether it was on; one that is ended while it is prepared, or before its start, was not."""
    periods = [datetime.fromisoformat(line.period) for line in run if line.period]
    last = run[-1]
    return any(last.event != ENDED or period < last.time for period in periods)
