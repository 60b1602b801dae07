"""What was declared of an experiment: as the API was told, else as `conf/` has it."""

from collections.abc import Callable

from hitcast.declaration.experiment import FOLDER, Experiment, load_experiment
from hitcast.declaration.loading import conf_folder
from hitcast.errors import ExperimentError, UseCaseError
from hitcast.experiments.events import (
    Line,
    fixed_of,
    lines_of,
    may_have_answered,
    names_in,
    runs_of,
)
from hitcast.tables.lakehouse import Lakehouse

Say = Callable[[str], None]


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
    runs = runs_of(lines_of(lakehouse, name))
    runs = [run for run in runs if may_have_answered(run)] or runs[-1:]
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
            f"expected an experiment among {names_in(lakehouse)} (in the table experiments) or "
            f"{files} (in conf/{FOLDER}), got {name!r}; jobs/collect.py brings what an "
            "API was told once its segment is closed, by HITCAST_LOG_SEGMENT_SECONDS"
        )
    if name in files and (told := _unlike(ran)):
        say(f"note: {told}; judged by what ran")
    return ran


def _unlike(ran: Experiment) -> str | None:
    """How the file of an experiment is unlike what ran, where it is."""
    path = f"conf/{FOLDER}/{ran.name}.yml"
    try:
        written = fixed_of(load_experiment(ran.name))
    except UseCaseError as error:
        return f"{path} can't be read ({error})"
    others = [what for what, value in fixed_of(ran).items() if value != written[what]]
    return f"{path} has other {', '.join(others)} than what ran" if others else None


def _begun_again(name: str, first: Line, line: Line) -> ExperimentError:
    others = [what for what, value in line.fixed.items() if value != first.fixed[what]]

    def told(one: Line) -> str:
        values = ", ".join(f"{what} {one.fixed[what]}" for what in others)
        return f"{values} (at {one.time:%Y-%m-%d %H:%M:%S} UTC)"

    return ExperimentError(
        f"experiment {name}: it was started with {told(first)}, and again with {told(line)}; "
        "answers of both have one name, so neither can be judged; run it again under another name"
    )
