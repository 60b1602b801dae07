"""The hour of the day of a column of seconds, to look at as at any other number."""

from dataclasses import replace

from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.errors import HitcastError
from hitcast.exploring.subject import Subject
from hitcast.tables.names import col

DAY, HOUR = 86_400, 3_600


def with_hours(subject: Subject, seconds: str) -> tuple[Subject, Column]:
    """Add the hour of the day to the rows.

    Args:
        subject: The rows.
        seconds: A column of numbers, in seconds from some midnight on. Where the source counts from
            another time of day, hours are counted from there.

    Returns:
        The rows with the hour (0 to 23), and the column that it is.

    Raises:
        HitcastError: if the column's values are no quantity.
    """
    column = subject.use_case.column(seconds)
    if not column.is_quantity:
        raise HitcastError(
            f"expected a column of type number or integer with seconds, got {seconds!r} of type "
            f"{column.type}; name another one in the widget"
        )
    name = f"hour of {seconds}"
    hour = F.floor(F.pmod(col(seconds), F.lit(DAY)) / HOUR).cast("int")
    added = Column(
        name=name, role="context", type="integer", minimum=0, maximum=23, unit="h",
        meaning=f"Hour of the day, from {seconds}",
    )  # fmt: skip
    return replace(subject, rows=subject.rows.withColumn(name, hour)), added
