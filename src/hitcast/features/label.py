"""The label: 1.0 for the positive class, 0.0 for the other."""

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.features.columns import require_columns

LABEL = "label"


def with_label(column: str, at_least: float) -> Callable[[DataFrame], DataFrame]:
    """Build a step that marks the positive class.

    Args:
        column: Numeric column that the label is drawn from; the use case names it.
        at_least: Lowest value that counts as positive, in the column's unit.

    Returns:
        Step adding `label` (double): 1.0 at or above `at_least`, else 0.0; null stays null.
        Rows and their grain are unchanged.

    Raises:
        MissingColumnsError: on use, if `column` is absent.
    """

    def add_label(rows: DataFrame) -> DataFrame:
        require_columns(rows, [column], step="with_label")
        return rows.withColumn(LABEL, (F.col(column) >= at_least).cast("double"))

    return add_label
