"""How many rows are positive, and what that means for judging a model."""

import pandas as pd
from pyspark.sql import functions as F

from hitcast.exploring.subject import Subject
from hitcast.exploring.table.bins import count_bins
from hitcast.exploring.table.numbers import summarize
from hitcast.exploring.words import count, percent
from hitcast.features.label import LABEL


def count_classes(subject: Subject) -> pd.DataFrame:
    """Count positive rows and the others.

    Returns:
        Two rows, positive first: `class`, `rows`, `share`. Rows without a label do not count.
    """
    of_class = [F.count(F.when(F.col(LABEL) == value, 1)) for value in (1, 0)]
    rows = list(subject.rows.agg(*of_class).collect()[0])
    found = pd.DataFrame({"class": [subject.positive, f"not {subject.positive}"], "rows": rows})
    return found.assign(share=found["rows"] / max(sum(rows), 1))


def count_label(subject: Subject) -> pd.DataFrame:
    """Count the rows of each class in bins of the label's column, from its lowest to its highest.

    Returns:
        As `count_bins`.
    """
    summary = summarize(subject.rows, [subject.label])
    whole = summary.assign(low=summary["min"], high=summary["max"])
    return count_bins(subject.rows, [subject.label], whole, most=120)


def balance_in_words(subject: Subject, classes: pd.DataFrame) -> list[str]:
    """How rare the positive class is, and which measures mislead because of it."""
    positive, other = classes["rows"]
    share = classes["share"].iloc[0]
    if not positive or not other:
        return [f"All {count(positive + other)} {subject.noun} are of one class: nothing to learn."]
    larger = max(share, 1 - share)
    always = f"not {subject.positive}" if share < 0.5 else subject.positive
    metric = subject.use_case.training.metric
    return [
        f"Of {count(positive + other)} {subject.noun} {percent(share)} are {subject.positive} "
        f"({subject.rule}): {count(positive)} against {count(other)}.",
        f'Whoever always says "{always}" is right {percent(larger)} of the time and has learned '
        f"nothing: accuracy would praise them. Candidates are compared by {metric}; an average "
        f"precision of {share:.3f} is chance here, 1 is perfect.",
    ]
