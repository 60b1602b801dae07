"""The label by the values of one column: by genre, by year or by whatever a use case has."""

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.numbers import ACCURACY
from hitcast.exploring.words import count, counted, figure, listed, percent, title_of
from hitcast.features.label import LABEL
from hitcast.tables.names import col

FEWEST = 30
"""Values with fewer rows are not compared: their shares are mostly chance."""
CERTAIN = 1.96
"""Standard errors on either side of an interval that holds the truth 19 times of 20."""


def label_by(rows: DataFrame, column: Column, label: Column) -> pd.DataFrame:
    """Tell the label apart by the values of a column.

    Args:
        rows: Rows with both columns and `label`.
        column: The column to group by; rows without a value of it are left out.
        label: The numeric column that the label is drawn from.

    Returns:
        One row a value, numbers in their order, texts by falling share: `value`, `rows`,
        `positive`, `share` (of positive rows), `share_low` and `share_high` (its 95 % interval),
        and of the label's own column `mean`, `q25`, `median`, `q75`.
    """
    quartiles = F.percentile_approx(label.name, [0.25, 0.5, 0.75], ACCURACY)
    found = (
        rows.where(col(column.name).isNotNull())
        .groupBy(col(column.name).alias("value"))
        .agg(
            F.count("*").alias("rows"),
            F.sum(LABEL).cast("long").alias("positive"),
            F.avg(col(label.name)).alias("mean"),
            *(quartiles[n].cast("double").alias(q) for n, q in enumerate(("q25", "median", "q75"))),
        )
        .toPandas()
    )
    low, high = intervals(found["positive"], found["rows"])
    found = found.assign(share=found["positive"] / found["rows"], share_low=low, share_high=high)
    by, ascending = (
        (["share", "value"], [False, True]) if column.type == "text" else (["value"], [True])
    )
    order = ["value", "rows", "positive", "share", "share_low", "share_high"]
    order += ["mean", "q25", "median", "q75"]
    return found.sort_values(by, ascending=ascending, ignore_index=True)[order]


def intervals(positive: pd.Series, rows: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Wilson's 95 % interval of shares, which holds for few rows and for shares near 0 too."""
    share, z = positive / rows, CERTAIN
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / (1 + z**2 / rows)
    return (centre - half).clip(lower=0.0), (centre + half).clip(upper=1.0)


def texts_in_words(subject: Subject, column: Column, found: pd.DataFrame) -> list[str]:
    """What a text column shows: the values with most and least positive rows, and who has half."""
    compared = found[found["rows"] >= FEWEST]
    name, all_share = title_of(column), found["positive"].sum() / max(found["rows"].sum(), 1)
    sentences = [
        f"{counted(len(found), 'value')} of {name}; over all of them {percent(all_share)} of the "
        f"{subject.noun} are {subject.positive} ({subject.rule})."
    ]
    if len(compared) < len(found):
        sentences[0] += (
            f" Values with fewer than {FEWEST} {subject.noun} are left out of what follows: "
            f"{count(len(found) - len(compared))}."
        )
    if len(compared) > 1:
        most, least = compared.iloc[0], compared.iloc[-1]
        sentences.append(
            f"Most often {subject.positive}: {most['value']} ({percent(most['share'])} of "
            f"{count(most['rows'])}, median {subject.label.name} {figure(most['median'])}). Least "
            f"often: {least['value']} ({percent(least['share'])} of {count(least['rows'])}, median "
            f"{figure(least['median'])})."
        )
    if found["positive"].sum():
        ranked = found.sort_values("positive", ascending=False, kind="stable")
        needed = int((ranked["positive"].cumsum() * 2 < ranked["positive"].sum()).sum()) + 1
        names = [str(value) for value in ranked["value"][: min(needed, 5)]]
        more = [f"{needed - 5} more"] if needed > 5 else []
        verb = "holds" if needed == 1 else "hold"
        sentences.append(
            f"{listed(names + more)} {verb} half of all {subject.positive} {subject.noun} or more "
            f"({needed} of {len(found)} values)."
        )
    return sentences


def numbers_in_order(subject: Subject, column: Column, found: pd.DataFrame) -> list[str]:
    """What a column of numbers shows: where the share is highest and lowest, and how it moves."""
    compared = found[found["rows"] >= FEWEST]
    if len(compared) < 2:
        return [
            f"Fewer than two values of {title_of(column)} have {FEWEST} {subject.noun} or more."
        ]
    ranked = compared.sort_values("share", ascending=False, kind="stable")
    most, least = ranked.iloc[0], ranked.iloc[-1]
    rank = float(compared["value"].corr(compared["share"], method="spearman"))
    told = "hardly moves with it"
    if abs(rank) >= 0.5:
        told = f"tends to {'rise' if rank > 0 else 'fall'} with it"
    return [
        f"By {title_of(column)}, from {compared['value'].iloc[0]:g} to "
        f"{compared['value'].iloc[-1]:g}: the share of {subject.positive} {subject.noun} is "
        f"highest at {most['value']:g} ({percent(most['share'])} of {count(most['rows'])}) and "
        f"lowest at {least['value']:g} ({percent(least['share'])} of {count(least['rows'])}).",
        f"The share {told} (rank correlation {figure(rank)}).",
    ]
