"""What was declared of an experiment: as the API was told, else as `conf/` has it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pyspark.sql import Row

from hitcast.declaration.experiment import FOLDER, Experiment, load_experiment
from hitcast.declaration.loading import conf_folder, explained
from hitcast.errors import ExperimentError, UseCaseError
from hitcast.tables.lakehouse import Lakehouse

ASKED, ENDED = "asked", "ended"
Say = Callable[[str], None]


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
        return {"versions": dict(self.versions), **_fixed(self.declared)}


def declared_in(lakehouse: Lakehouse, name: str) -> Experiment | None:
    """The experiment as the API has it: as it was changed last, or as it was when it ended.

    Args:
        lakehouse: The use case's tables, of which `collect` fills `experiments`.
        name: The experiment's.

    Returns:
        The newest declaration; its arms, metric and smallest difference are those that it began
        with. None where the table has no such experiment.

    Raises:
        ExperimentError: if it was begun again as another one, or a line holds no experiment.
    """
    runs = _runs(_lines(lakehouse, name))
    # Of what never began there is no answer, whatever it was to compare.
    runs = [run for run in runs if any(line.period for line in run)] or runs[-1:]
    if not runs:
        return None
    first = runs[0][0]
    for line in (line for run in runs for line in run):
        if line.fixed != first.fixed:
            raise _begun_again(name, first, line)
    return runs[-1][-1].declared


def declaration_of(lakehouse: Lakehouse, name: str, say: Say) -> Experiment:
    """What an experiment is judged by: what the API was told, else what `conf/` declares.

    Args:
        lakehouse: The use case's tables.
        name: The experiment's.
        say: Told where `conf/` has another experiment of that name than ran.

    Raises:
        ExperimentError: if neither knows it, or the table does as two.
        UseCaseError: if the table does not know it, and its file is wrong.
    """
    ran = declared_in(lakehouse, name)
    files = sorted(path.stem for path in (conf_folder() / FOLDER).glob("*.yml"))
    if ran is None and name in files:
        return load_experiment(name)
    if ran is None:
        raise ExperimentError(
            f"expected an experiment among {_names_in(lakehouse)} (in the table experiments) or "
            f"{files} (in conf/{FOLDER}), got {name!r}; jobs/collect.py brings what an "
            "API was told once its segment is closed, by HITCAST_LOG_SEGMENT_SECONDS"
        )
    if name in files and (told := _unlike(ran)):
        say(f"note: {told}; judged by what ran")
    return ran


def _fixed(experiment: Experiment) -> dict[str, Any]:
    """What can't be changed while it runs, and decides what its report says."""
    return {
        "arms": [f"{a.alias} (shadow)" if a.shadow else a.alias for a in experiment.arms],
        "metric": experiment.metric,
        "smallest_difference": experiment.smallest_difference,
    }


def _unlike(ran: Experiment) -> str | None:
    """How the file of an experiment is unlike what ran, where it is."""
    path = f"conf/{FOLDER}/{ran.name}.yml"
    try:
        written = _fixed(load_experiment(ran.name))
    except UseCaseError as error:
        return f"{path} can't be read ({error})"
    others = [what for what, value in _fixed(ran).items() if value != written[what]]
    return f"{path} has other {', '.join(others)} than what ran" if others else None


def _lines(lakehouse: Lakehouse, name: str) -> list[Line]:
    table = lakehouse.experiments
    if not table.exists():
        return []
    rows = table.read()
    own = rows.where(rows["experiment"] == name).orderBy("time", "segment", "line")
    found = own.select("time", "event", "period", "declared", "versions").collect()
    return [
        Line(row["time"], row["event"], row["period"], _read(row), row["versions"] or {})
        for row in found
    ]


def _read(row: Row) -> Experiment:
    try:
        return Experiment.model_validate(json.loads(row["declared"]))
    except ValidationError as error:
        raise ExperimentError(
            f"expected an experiment in the line of {row['time']} of the table experiments, got: "
            f"{explained(error)}; install the version of Hitcast that wrote it"
        ) from None


def _names_in(lakehouse: Lakehouse) -> list[str]:
    table = lakehouse.experiments
    if not table.exists():
        return []
    return sorted(
        row["experiment"] for row in table.read().select("experiment").distinct().collect()
    )


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines, apart for each time that it was started."""
    runs: list[list[Line]] = []
    for line in lines:
        if not runs or line.event == ASKED or runs[-1][-1].event == ENDED:
            runs.append([])
        runs[-1].append(line)
    return runs


def _begun_again(name: str, first: Line, line: Line) -> ExperimentError:
    others = [what for what, value in line.fixed.items() if value != first.fixed[what]]

    def told(one: Line) -> str:
        values = ", ".join(f"{what} {one.fixed[what]}" for what in others)
        return f"{values} (at {one.time:%Y-%m-%d %H:%M:%S} UTC)"

    return ExperimentError(
        f"experiment {name}: it was started with {told(first)}, and again with {told(line)}; "
        "answers of both have one name, so neither can be judged; run it again under another name"
    )
