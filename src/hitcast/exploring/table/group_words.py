"""What a column's values show of the classes, in words."""

import pandas as pd

from hitcast.declaration.columns import Column
from hitcast.exploring.classes import MOST
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.groups import FEWEST
from hitcast.exploring.words import count, counted, figure, listed, percent, title_of


def texts_in_words(subject: Subject, column: Column, found: pd.DataFrame) -> list[str]:
    """What a text column shows: the values with most and least positive rows, and who has half.

    Of more classes than two: which values each of the classes has most rows in.
    """
    compared = found[found["rows"] >= FEWEST]
    sentences = [_over_all(subject, column, found)]
    if len(compared) < len(found):
        sentences[0] += (
            f" Values with fewer than {FEWEST} {subject.noun} are left out of what follows: "
            f"{count(len(found) - len(compared))}."
        )
    if not subject.has_two_classes:
        return sentences + ([_by_class(subject, compared)] if len(compared) else [])
    if len(compared) > 1:
        sentences.append(_most_and_least(subject, compared))
    if found["positive"].sum():
        sentences.append(_who_has_half(subject, found))
    return sentences


def numbers_in_order(subject: Subject, column: Column, found: pd.DataFrame) -> list[str]:
    """What a column of numbers shows: where the share is highest and lowest, and how it moves."""
    compared = found[found["rows"] >= FEWEST]
    if len(compared) < 2:
        return [
            f"Fewer than two values of {title_of(column)} have {FEWEST} {subject.noun} or more."
        ]
    where = (
        f"By {title_of(column)}, from {compared['value'].iloc[0]:g} to "
        f"{compared['value'].iloc[-1]:g}"
    )
    if not subject.has_two_classes:
        return [f"{where}: {_by_class(subject, compared)}"]
    ranked = compared.sort_values("share", ascending=False, kind="stable")
    most, least = ranked.iloc[0], ranked.iloc[-1]
    if compared["share"].nunique() < 2:
        return [f"{where}: the share of {subject.positive} {subject.noun} is the same everywhere."]
    rank = float(compared["value"].corr(compared["share"], method="spearman"))
    told = "hardly moves with it"
    if abs(rank) >= 0.5:
        told = f"tends to {'rise' if rank > 0 else 'fall'} with it"
    return [
        f"{where}: the share of {subject.positive} {subject.noun} is "
        f"highest at {most['value']:g} ({percent(most['share'])} of {count(most['rows'])}) and "
        f"lowest at {least['value']:g} ({percent(least['share'])} of {count(least['rows'])}).",
        f"The share {told} (rank correlation {figure(rank)}).",
    ]


def _over_all(subject: Subject, column: Column, found: pd.DataFrame) -> str:
    values = f"{counted(len(found), 'value')} of {title_of(column)}"
    if not subject.has_two_classes:
        return f"{values} among {count(found['rows'].sum())} {subject.noun}."
    share = found["positive"].sum() / max(found["rows"].sum(), 1)
    return (
        f"{values}; over all of them {percent(share)} of the {subject.noun} are "
        f"{subject.positive} ({subject.rule})."
    )


def _most_and_least(subject: Subject, compared: pd.DataFrame) -> str:
    parts: list[str] = []
    for line in (compared.iloc[0], compared.iloc[-1]):
        told = f"{percent(line['share'])} of {count(line['rows'])}"
        if subject.scale is not None:
            name = f"{subject.scale.column.name} " if not parts else ""
            told += f", median {name}{figure(line['median'])}"
        parts.append(f"{line['value']} ({told})")
    return f"Most often {subject.positive}: {parts[0]}. Least often: {parts[1]}."


def _who_has_half(subject: Subject, found: pd.DataFrame) -> str:
    ranked = found.sort_values("positive", ascending=False, kind="stable")
    needed = int((ranked["positive"].cumsum() * 2 < ranked["positive"].sum()).sum()) + 1
    names = [str(value) for value in ranked["value"][: min(needed, 5)]]
    more = [f"{needed - 5} more"] if needed > 5 else []
    verb = "holds" if needed == 1 else "hold"
    return (
        f"{listed(names + more)} {verb} half of all {subject.positive} {subject.noun} or more "
        f"({needed} of {len(found)} values)."
    )


def _by_class(subject: Subject, compared: pd.DataFrame) -> str:
    """For the larger classes, the value at which each has its highest share."""
    kinds = sorted(subject.kinds, key=lambda kind: -compared[kind.key].sum())[:MOST]
    told = []
    for kind in kinds:
        shares = compared[kind.key] / compared["rows"]
        line = compared.iloc[int(shares.argmax())]
        told.append(
            f"{kind.name} at {line['value']} ({percent(shares.max())} of {count(line['rows'])})"
        )
    return f"each class has its highest share at one value: {listed(told)}."
