"""What is left to do for a model, read from tables and registry: whoever did not get to it."""

from dataclasses import dataclass

from hitcast.models.registry import STAGING, Registry, Version
from hitcast.models.version_tags import TABLE_ID, is_generated, is_judged
from hitcast.running.home import Home
from hitcast.running.task_values import leave
from hitcast.tables.delta import Table
from hitcast.tables.history import has_changed_since


@dataclass(frozen=True)
class Due:
    """What is left to do.

    Attributes:
        train: The newest version was trained on another gold than the newest, or there is none.
        judge: There will be, or is, a version to judge that nobody has judged to the end: the
            newest, or an older one that is `staging`, as it was outdone.
    """

    train: bool
    judge: bool


def what_is_due(registry: Registry, gold: Table) -> Due:
    """Whether to train and to judge, whatever this run or an earlier one did or failed to do.

    Args:
        registry: The model's versions.
        gold: The feature table, which may not exist yet.
    """
    newest = next(iter(registry.versions()), None)
    train = gold.exists() and (newest is None or not _has_seen(newest, gold))
    challenger = challenger_of(registry)
    return Due(train, train or (challenger is not None and not is_judged(challenger)))


def _has_seen(version: Version, gold: Table) -> bool:
    """Whether a version was trained on the rows that the table holds now.

    A table that was made anew counts its versions from 0 again, so its identity is compared too.
    """
    trained, table = version.tags.get("table_version"), version.tags.get(TABLE_ID)
    if trained is None or is_generated(version) != gold.is_generated():
        return False
    if table is not None and table != gold.identity():
        return False
    return not has_changed_since(gold, int(trained))


def challenger_of(registry: Registry) -> Version | None:
    """The version to judge: the newest if nobody has, else the one called `staging`."""
    newest = next(iter(registry.versions()), None)
    if newest is not None and not is_judged(newest):
        return newest
    return registry.by_alias(STAGING)


def leave_due(home: Home, model: str, gold: Table) -> None:
    """Tell the tasks of a workflow what is left to do, as `to_train` and `to_judge`."""
    due = what_is_due(Registry(home, model, create=True), gold)
    leave("to_train", str(due.train).lower())
    leave("to_judge", str(due.judge).lower())
