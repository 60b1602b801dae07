"""What a call to start an experiment means while one runs: the same, a change of it, a conflict."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

from hitcast.declaration.experiment import Experiment
from serving.experiments.kept import Kept, period_at
from serving.rows import BadRequestError
from serving.versions.snapshot import VersionInfo


class ExperimentRunsError(RuntimeError):
    """Another experiment runs, or this one with what can't be changed while it does."""


def check_new(wanted: Experiment, now: float) -> None:
    """Refuse an experiment that would never be on.

    Raises:
        BadRequestError: if its end has come.
    """
    if wanted.ends is not None and wanted.ends.timestamp() <= now:
        told = f"expected a time to come, got {wanted.ends.isoformat()}"
        raise BadRequestError([("ends", told)])


def is_taken(kept: Kept | None, wanted: Experiment, now: float) -> bool:
    """Whether an experiment of that name runs; one whose end has come does not.

    Raises:
        ExperimentRunsError: if one of another name runs.
    """
    if kept is None or kept.is_over(now):
        return False
    if kept.experiment.name != wanted.name:
        raise ExperimentRunsError(
            f"the experiment {kept.experiment.name} runs; DELETE /experiment ends it"
        )
    return True


def begun(wanted: Experiment, pins: Mapping[str, VersionInfo]) -> Kept:
    """A new experiment, not yet answered by."""
    return Kept(wanted, dict(pins))


def started(kept: Kept, moment: float) -> Kept:
    """An experiment that all workers are ready for, answered by from a moment on, or its start."""
    return replace(kept, revision=uuid.uuid4().hex, period=_period(kept.experiment, moment))


def changed(kept: Kept, wanted: Experiment, now: float, lead: float) -> Kept:
    """A running experiment with other weights, another share of traffic or another end.

    Args:
        kept: What runs.
        wanted: The same name.
        now: Seconds since 1970.
        lead: So many seconds later all workers have it; until then, what was before holds.

    Returns:
        `kept` itself where nothing is to be changed.

    Raises:
        ExperimentRunsError: if something is to be changed that makes it another experiment.
        BadRequestError: if it would never be on.
    """
    running = kept.experiment
    if wanted == running:
        return kept
    phase = kept.phase_at(now)
    fixed = {
        "arms": _aliases(wanted) == _aliases(running),
        "salt": wanted.seed == running.seed,
        "metric": wanted.metric == running.metric,
        "smallest_difference": wanted.smallest_difference == running.smallest_difference,
        "starts": wanted.starts == running.starts or phase is None,
    }
    others = [name for name, same in fixed.items() if not same]
    if others:
        raise ExperimentRunsError(
            f"the experiment {running.name} runs with other {', '.join(others)}; expected the "
            "same, with other weights, traffic or ends at most; end it by DELETE /experiment, or "
            "choose another name"
        )
    check_new(wanted, now)
    found = replace(kept, experiment=wanted, revision=uuid.uuid4().hex, before=phase)
    return found if kept.period is None else replace(found, period=_period(wanted, now + lead))


def _period(experiment: Experiment, moment: float) -> str:
    starts = experiment.starts
    return period_at(max(moment, starts.timestamp() if starts else moment))


def _aliases(experiment: Experiment) -> list[tuple[str, bool]]:
    """The arms in order: the first that answers is the control."""
    return [(arm.alias, arm.shadow) for arm in experiment.arms]
