"""What a Delta table has been through: when its rows changed."""

import re
from collections.abc import Mapping

from hitcast.tables.delta import Table

CHANGING = (
    "WRITE|MERGE|DELETE|UPDATE|TRUNCATE|RESTORE|CLONE|COPY INTO|REPLACE TABLE|TABLE AS SELECT"
)
"""Delta's names of operations that change rows; others tidy files up, or set properties."""


def has_changed_since(table: Table, version: int) -> bool:
    """Whether a table's rows were changed after a version, or may have been.

    They may have where Delta has forgotten a commit since, and where the table has no such version:
    then it was put back to what it was before, from a copy.
    """
    commits = table.history().select("version", "operation").collect()
    known = {commit["version"]: commit["operation"] for commit in commits}
    newest = max(known)
    later = range(version + 1, newest + 1)
    return version > newest or any(_may_change(known, number) for number in later)


def changed_last(operations: Mapping[int, str | None], version: int) -> int:
    """The version since which a table has had the rows of `version`, as far as Delta knows.

    Args:
        operations: Those of its commits, by version.
        version: One of the table's.
    """
    while version > 0 and not _may_change(operations, version):
        version -= 1
    return version


def _may_change(operations: Mapping[int, str | None], version: int) -> bool:
    return version not in operations or bool(re.search(CHANGING, operations[version] or ""))
