"""What the trends show in words, and how far each column moved."""

import pandas as pd

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.classes import kinds_of
from hitcast.exploring.trends.versions import numeric_columns, share_columns
from hitcast.exploring.words import count, percent, signed, title_of, with_unit

NOTICEABLE = 0.1
"""Medians that moved by less than this part of the middle half's width stayed where they were."""


def moved_most(told: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """How far each column's median moved from the first version to the last.

    Args:
        told: What `tell_versions` told.
        use_case: Names the columns.

    Returns:
        One row a column, furthest first: `column`, `first`, `last` (medians), `moved` (in widths of
        the middle half at the first version; infinite where that width is 0 and the median moved).
    """
    table = told[told["part"] == "all"]
    lines = []
    for column in numeric_columns(use_case):
        first, last = (table[f"{column.name}_median"].iloc[n] for n in (0, -1))
        width = table[f"{column.name}_q75"].iloc[0] - table[f"{column.name}_q25"].iloc[0]
        moved = 0.0 if last == first else (last - first) / width if width else float("inf")
        lines.append({"column": column.name, "first": first, "last": last, "moved": moved})
    found = pd.DataFrame(lines, columns=["column", "first", "last", "moved"])
    order = found["moved"].abs().sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def trends_in_words(told: pd.DataFrame, use_case: UseCase, noun: str) -> list[str]:
    """How rows, positive share and columns changed between the first version told and the last.

    Args:
        told: What `tell_versions` told.
        use_case: Names the columns.
        noun: What rows are called, "generated" included where they are.
    """
    table = told[told["part"] == "all"]
    first, last = table.iloc[0], table.iloc[-1]
    if len(table) < 2:
        return [
            f"There is one version to look at: {count(first['rows'])} {noun} of {first['date']}, "
            f"{_shares(first, use_case)}. A trend needs a second "
            "one: ingest another extract with a later date, as in "
            "spark-submit jobs/ingest.py --csv PATH --extraction-date YYYY-MM-DD."
        ]
    later = table.iloc[1:]
    return [
        f"From version {first['version']} ({first['date']}) to version {last['version']} "
        f"({last['date']}) gold went from {count(first['rows'])} to {count(last['rows'])} {noun}: "
        f"{count(later['new'].sum())} new ones, {count(later['changed'].sum())} changes.",
        _moved_share(first, last, use_case),
        *_furthest(moved_most(told, use_case), use_case),
    ]


def _shares(version: pd.Series, use_case: UseCase) -> str:
    """The share of positive rows at a version, or of its largest class."""
    shares = [(version[column], name) for column, name in _named(use_case).items()]
    if len(shares) == 1:
        return f"{percent(shares[0][0])} of them {shares[0][1]}"
    share, name = max(shares)
    return f"{name} the largest of {len(shares)} classes ({percent(share)})"


def _moved_share(first: pd.Series, last: pd.Series, use_case: UseCase) -> str:
    """How the share of positive rows moved; of more classes, that of the one that moved most."""
    named = _named(use_case)
    column = max(named, key=lambda name: abs(last[name] - first[name]))
    points = 100 * (last[column] - first[column])
    told = (
        f"The share that is {named[column]} went from {percent(first[column])} to "
        f"{percent(last[column])} ({signed(points, 1)} points)"
    )
    return f"{told}." if len(named) == 1 else f"{told}, the furthest of {len(named)} classes."


def _named(use_case: UseCase) -> dict[str, str]:
    """What people call the class that each column has the share of."""
    names = {kind.key: kind.name for kind in kinds_of(use_case)}
    columns = share_columns(use_case)
    if len(columns) == 1:
        return dict.fromkeys(columns, use_case.positive)
    return {column: names[key] for column, key in columns.items()}


def _furthest(moved: pd.DataFrame, use_case: UseCase) -> list[str]:
    if moved.empty:
        return []
    line = moved.iloc[0]
    column = use_case.column(line["column"])
    if abs(line["moved"]) < NOTICEABLE:
        return [
            "No column moved noticeably: no median went further than a tenth of the width of its "
            f"middle half (furthest: {title_of(column)}, {signed(line['moved'], 2)} widths)."
        ]
    return [
        f"Furthest moved {title_of(column)}: its median went from "
        f"{with_unit(column, line['first'])} to {with_unit(column, line['last'])}, "
        f"{signed(line['moved'], 2)} widths of its middle half."
    ]
