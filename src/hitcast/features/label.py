"""The label: the number of a row's class."""

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.label import Label
from hitcast.features.columns import require_columns

LABEL = "label"


def with_label(label: Label) -> Callable[[DataFrame], DataFrame]:
    """Build a step that marks each row's class.

    Args:
        label: The rule, and the column that it is about.

    Returns:
        Step adding `label` (double): 1.0 for the positive class and 0.0 for the other one; of more
        classes than two, the place among their names. It is null where the column is null, or
        holds none of the classes. Rows and their grain are unchanged.

    Raises:
        MissingColumnsError: on use, if the column is absent.
    """

    def add_label(rows: DataFrame) -> DataFrame:
        require_columns(rows, [label.column], step="with_label")
        return rows.withColumn(LABEL, _number_of(label, F.col(label.column)))

    return add_label


def _number_of(label: Label, column: Column) -> Column:
    if label.at_least is not None:
        return (column >= label.at_least).cast("double")
    if not label.names:
        return (column == F.lit(label.value)).cast("double")
    number, text = F.lit(None).cast("double"), column.cast("string")
    for place, name in enumerate(label.names):
        number = F.when(text == name, float(place)).otherwise(number)
    return number
