"""The classes by the values of one column, whichever a use case has."""

import numpy as np
import pandas as pd
from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.numbers import ACCURACY
from hitcast.features.label import LABEL
from hitcast.tables.names import col

FEWEST = 30
"""Values with fewer rows are not compared: their shares are mostly chance."""
CERTAIN = 1.96
"""Standard errors on either side of an interval that holds the truth 19 times of 20."""


def label_by(subject: Subject, column: Column) -> pd.DataFrame:
    """Tell the classes apart by the values of a column.

    Args:
        subject: The rows and their classes.
        column: The column to group by; rows without a value of it are left out.

    Returns:
        One row a value, numbers in their order, texts by falling share: `value`, `rows`,
        `positive`, `share` (of positive rows), `share_low` and `share_high` (its 95 % interval);
        where the label is drawn from a quantity, that one's `mean`, `q25`, `median`, `q75`. Of
        more classes than two: `value`, `rows`, the rows of each class (`of_NAME`), `largest` (the
        class that most are of) and its `share`; texts by falling `rows`.
    """
    found = (
        subject.rows.where(col(column.name).isNotNull() & F.col(LABEL).isNotNull())
        .groupBy(col(column.name).alias("value"))
        .agg(F.count("*").alias("rows"), *_counts(subject), *_scale(subject))
        .toPandas()
    )
    found = _with_share(subject, found) if subject.has_two_classes else _with_largest(found)
    by, ascending = ["value"], [True]
    if not column.is_quantity:
        by = ["share" if subject.has_two_classes else "rows", "value"]
        ascending = [False, True]
    return found.sort_values(by, ascending=ascending, ignore_index=True)


def _counts(subject: Subject) -> list[Expression]:
    """The rows of each class; of two, of the positive one."""
    kinds = subject.kinds[:1] if subject.has_two_classes else subject.kinds
    return [F.count(F.when(F.col(LABEL) == kind.number, 1)).alias(kind.key) for kind in kinds]


def _scale(subject: Subject) -> list[Expression]:
    """The label's own column, where it is a quantity."""
    if subject.scale is None:
        return []
    value = col(subject.scale.column.name)
    quartiles = F.percentile_approx(value, [0.25, 0.5, 0.75], ACCURACY)
    names = enumerate(("q25", "median", "q75"))
    return [F.avg(value).alias("mean"), *(quartiles[n].cast("double").alias(q) for n, q in names)]


def _with_share(subject: Subject, found: pd.DataFrame) -> pd.DataFrame:
    low, high = intervals(found["positive"], found["rows"])
    share = found["positive"] / found["rows"]
    found = found.assign(share=share, share_low=low, share_high=high)
    order = ["value", "rows", "positive", "share", "share_low", "share_high"]
    return found[order + ["mean", "q25", "median", "q75"] * (subject.scale is not None)]


def _with_largest(found: pd.DataFrame) -> pd.DataFrame:
    counts = found.drop(columns=["value", "rows"])
    largest = [str(key).removeprefix("of_") for key in counts.idxmax(axis=1)]
    return found.assign(largest=largest, share=counts.max(axis=1) / found["rows"])


def intervals(positive: pd.Series, rows: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Wilson's 95 % interval of shares, which holds for few rows and for shares near 0 too."""
    share, z = positive / rows, CERTAIN
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / (1 + z**2 / rows)
    return (centre - half).clip(lower=0.0), (centre + half).clip(upper=1.0)
