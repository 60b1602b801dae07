"""The check that a step's columns are there."""

from collections.abc import Iterable

from pyspark.sql import DataFrame

from hitcast.errors import MissingColumnsError


def require_columns(rows: DataFrame, names: Iterable[str], *, step: str) -> None:
    """Check that `rows` has the columns `names`.

    Raises:
        MissingColumnsError: if one is absent; names the step, what is needed and what is there.
    """
    needed = list(names)
    if not set(needed) <= set(rows.columns):
        raise MissingColumnsError(
            f"{step} needs {needed}; the DataFrame has {rows.columns}. Pass the gold table."
        )
