"""How many units an experiment will have by its declared end."""

from datetime import timedelta

from hitcast.declaration.experiment import Experiment
from hitcast.experiments.gathering import Gathered

SECOND = timedelta(seconds=1)


def planned_by_end(experiment: Experiment, gathered: Gathered) -> int | None:
    """What the declared end makes of the units so far, at the rate at which new ones come lately.

    Lately is the second half of the time so far: where users come back, new ones grow fewer, and a
    line from the first day on would promise a power that never comes.

    Returns:
        Units in all arms; None where there is no end, or it has come.
    """
    first, newest, ends = gathered.first, gathered.newest, gathered.ends
    if experiment.ends is None or experiment.ends <= newest or newest <= first:
        return None
    early = sum(end <= first + (newest - first) / 2 for end in ends)
    since = ends[early - 1] if early else first
    before, whole = (
        table.units_with(table.sums["predictions"])
        for table in (gathered.units.until(early - 1), gathered.units)
    )
    left = (experiment.ends - newest) / max(newest - since, SECOND)
    return round(whole + (whole - before) * left)
