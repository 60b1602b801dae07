"""How many rows each class has, and what that means for judging a model."""

import pandas as pd
from pyspark.sql import functions as F

from hitcast.exploring.classes import MOST
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.bins import count_bins
from hitcast.exploring.table.numbers import summarize
from hitcast.exploring.words import count, counted, listed, percent
from hitcast.features.label import LABEL


def count_classes(subject: Subject) -> pd.DataFrame:
    """Count the rows of each class.

    Returns:
        One row a class, the positive one of two first: `class`, `rows`, `share`. Rows without a
        label do not count.
    """
    of_class = [F.count(F.when(F.col(LABEL) == kind.number, 1)) for kind in subject.kinds]
    rows = list(subject.rows.agg(*of_class).collect()[0])
    found = pd.DataFrame({"class": [kind.name for kind in subject.kinds], "rows": rows})
    return found.assign(share=found["rows"] / max(sum(rows), 1))


def count_label(subject: Subject) -> pd.DataFrame | None:
    """Count the rows of each class in bins of the label's column, from its lowest to its highest.

    Returns:
        As `count_bins`; None where the label is no quantity of which the positive have enough.
    """
    if subject.scale is None:
        return None
    summary = summarize(subject, [subject.scale.column])
    whole = summary.assign(low=summary["min"], high=summary["max"])
    return count_bins(subject, [subject.scale.column], whole, most=120)


def balance_in_words(subject: Subject, classes: pd.DataFrame) -> list[str]:
    """How rare classes are, and which measures mislead because of it."""
    total, there = classes["rows"].sum(), classes[classes["rows"] > 0]
    if len(there) < 2:
        return [f"All {count(total)} {subject.noun} are of one class: nothing to learn."]
    larger = there.iloc[int(there["rows"].argmax())]
    always = (
        f'Whoever always says "{larger["class"]}" is right {percent(larger["share"])} of the time '
        "and has learned nothing: accuracy would praise them. Candidates are compared by "
        f"{subject.use_case.training.metric}"
    )
    if not subject.has_two_classes:
        return [*_shares(subject, classes), f"{always}."]
    share, (positive, other) = classes["share"].iloc[0], classes["rows"]
    return [
        f"Of {count(total)} {subject.noun} {percent(share)} are {subject.positive} "
        f"({subject.rule}): {count(positive)} against {count(other)}.",
        f"{always}; an average precision of {share:.3f} is chance here, 1 is perfect.",
    ]


def _shares(subject: Subject, classes: pd.DataFrame) -> list[str]:
    """The largest of many classes with their shares, and those that no row is of."""
    ranked = classes.sort_values("rows", ascending=False, kind="stable")
    named, rest = ranked[:MOST], ranked[MOST:]
    told = [f"{n} {percent(s)}" for n, s in zip(named["class"], named["share"], strict=True)]
    if len(rest):
        others = counted(len(rest), "other class", "other classes")
        told.append(f"{others} {percent(rest['share'].sum())}")
    told_all = [
        f"{count(classes['rows'].sum())} {subject.noun} of {len(classes)} classes: {listed(told)}."
    ]
    empty = list(classes["class"][classes["rows"] == 0])
    if empty:
        told_all.append(f"Of {listed(empty)} there is none: no model will ever say so.")
    return told_all
