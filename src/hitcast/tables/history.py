"""What a Delta table has been through: when its rows changed."""

import re

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
    return version > newest or any(
        number not in known or re.search(CHANGING, known[number] or "") for number in later
    )
