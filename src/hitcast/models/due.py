"""What is left to do for a model, read from tables and registry: whoever did not get to it."""

from dataclasses import dataclass

from hitcast.models.promotion import REASON_TAG
from hitcast.models.registry import STAGING, Registry, Version
from hitcast.running.home import Home
from hitcast.running.task_values import leave

NOT_JUDGED = "not judged yet"
"""How the reason of a version begins that nobody has judged."""


@dataclass(frozen=True)
class Due:
    """What is left to do.

    Attributes:
        train: The newest version was trained on another gold than the newest, or there is none.
        judge: There will be, or is, a newest version that was not judged.
    """

    train: bool
    judge: bool


def what_is_due(registry: Registry, table_version: int | None) -> Due:
    """Whether to train and to judge, whatever this run or an earlier one did or failed to do.

    Args:
        registry: The model's versions.
        table_version: Gold's newest version; None while there is no gold.
    """
    newest = next(iter(registry.versions()), None)
    trained = None if newest is None else newest.tags.get("table_version")
    train = table_version is not None and trained != str(table_version)
    return Due(train, train or (newest is not None and not is_judged(newest)))


def is_judged(version: Version) -> bool:
    """Whether a version has been judged, or given an alias by hand."""
    reason = version.tags.get(REASON_TAG, NOT_JUDGED)
    return not reason.startswith(NOT_JUDGED)


def challenger_of(registry: Registry) -> Version | None:
    """The version to judge: the newest if nobody has, else the one called `staging`."""
    newest = next(iter(registry.versions()), None)
    if newest is not None and not is_judged(newest):
        return newest
    return registry.by_alias(STAGING)


def leave_due(home: Home, model: str, table_version: int | None) -> None:
    """Tell the tasks of a workflow what is left to do, as `to_train` and `to_judge`."""
    due = what_is_due(Registry(home, model, create=True), table_version)
    leave("to_train", str(due.train).lower())
    leave("to_judge", str(due.judge).lower())
