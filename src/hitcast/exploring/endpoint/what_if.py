"""What if one input were another: rows that differ in one value, scored, and what came of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.errors import EndpointError, HitcastError
from hitcast.exploring.classes import kinds_of
from hitcast.exploring.endpoint.answers import EACH, Answer, told_apart
from hitcast.exploring.endpoint.client import Endpoint, Row
from hitcast.exploring.subject import Subject
from hitcast.exploring.table.numbers import ACCURACY
from hitcast.exploring.words import percent, title_of, with_unit
from hitcast.tables.names import col

STEPS = 21


def usual_ranges(use_case: UseCase, subject: Subject | None) -> pd.DataFrame:
    """The range in which each input that is no text is moved.

    Args:
        use_case: Names the inputs and their legal ranges.
        subject: Gold, where there is one: the middle 90 % of a quantity are its range; else, and of
            a category, the legal range is.

    Returns:
        One row an input that has such a range: `column`, `low`, `high`.
    """
    inputs = [column for column in use_case.features if column.type != "text"]
    found: dict[str, Sequence[Any]] = {c.name: (c.minimum, c.maximum) for c in inputs}
    if subject is not None and use_case.numbers:
        names = [column.name for column in use_case.numbers]
        asked = (F.percentile_approx(col(name), [0.05, 0.95], ACCURACY) for name in names)
        found |= dict(zip(names, subject.rows.agg(*asked).collect()[0], strict=True))
    ranges = ((c.name, *(found[c.name] or (None, None))) for c in inputs)
    lines = [
        {"column": name, "low": float(low), "high": float(high)}
        for name, low, high in ranges
        if low is not None and high is not None
    ]
    return pd.DataFrame(lines, columns=["column", "low", "high"])


def sweep(
    endpoint: Endpoint, row: Row, ranges: pd.DataFrame, use_case: UseCase, answer: Answer
) -> pd.DataFrame:
    """Move one input after the other through its range and score each row, in one call.

    Args:
        endpoint: What is asked.
        row: The row as it is.
        ranges: What `usual_ranges` found.
        use_case: Names the inputs.
        answer: What the endpoint says of the row as it is.

    Returns:
        One row an input and value: `column`, `value`, `probability` (of the positive class; of more
        classes than two, of the one that is answered now, and then each one's as `of_NAME`); other
        inputs are as in `row`.

    Raises:
        EndpointError: if the endpoint does not answer, or refuses a row.
    """
    moves = [
        (str(line["column"]), value)
        for _, line in ranges.iterrows()
        for value in _values(use_case.column(str(line["column"])), line["low"], line["high"])
    ]
    scored = endpoint.score([{**row, name: value} for name, value in moves])
    if "error" in scored and scored["error"].notna().any():
        raise EndpointError(
            "expected rows that can be scored, the endpoint refused: "
            f"{scored['error'].dropna().iloc[0]}; mend the widget row"
        )
    found = pd.DataFrame(moves, columns=["column", "value"])
    if not answer.each:
        return found.assign(probability=scored["probability"].astype(float))
    scored = told_apart(scored)
    now = scored[f"{EACH}{answer.label}"].astype(float)
    each = {k.key: scored[f"{EACH}{k.name}"].astype(float) for k in kinds_of(use_case)}
    return found.assign(probability=now, **each)


def swings(swept: pd.DataFrame) -> pd.DataFrame:
    """How far the probability moves with each input, furthest first.

    Returns:
        One row an input: `column`, `lowest`, `highest`, `swing` (their difference), `best` (the
        value with the highest probability).
    """
    lines = []
    for name, part in swept.groupby("column", sort=False):
        low, high = part["probability"].min(), part["probability"].max()
        best = part.sort_values("probability", kind="stable")["value"].iloc[-1]
        lines.append(
            {"column": name, "lowest": low, "highest": high, "swing": high - low, "best": best}
        )
    found = pd.DataFrame(lines, columns=["column", "lowest", "highest", "swing", "best"])
    return found.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def choose_input(name: str, swept: pd.DataFrame, use_case: UseCase) -> Column:
    """The input that is moved in the picture: the one named, else the feature that moves most.

    Raises:
        HitcastError: if no numeric input has that name; says which there are.
    """
    known = [str(column) for column in swings(swept)["column"]]
    features = [n for n in known if use_case.column(n).role == "feature"]
    chosen = name.strip() or next(iter([*features, *known]), "")
    if chosen not in known:
        raise HitcastError(f"expected one of the inputs {known} in the widget input, got {name!r}")
    return use_case.column(chosen)


def what_if_in_words(
    swept: pd.DataFrame, column: Column, answer: Answer, use_case: UseCase
) -> list[str]:
    """What moving one input does, and which input moves the answer most.

    Args:
        swept: What `sweep` found.
        column: The input that is moved.
        answer: What the endpoint says of the row as it is.
        use_case: Names the inputs.
    """
    of = f" of {answer.label}" if answer.each else ""
    part = swept[swept["column"] == column.name]
    first, last = part.iloc[0], part.iloc[-1]
    most = swings(swept).iloc[0]
    return [
        f"As it stands the probability{of} is {percent(answer.probability)}. With "
        f"{title_of(column)} at {with_unit(column, first['value'])} it would be "
        f"{percent(first['probability'])}, at {with_unit(column, last['value'])} "
        f"{percent(last['probability'])}.",
        f"Of all inputs {title_of(use_case.column(most['column']))} moves the answer most: between "
        f"{percent(most['lowest'])} and {percent(most['highest'])}, all others as they are.",
        "The model knows what goes together, not what makes what.",
        *([use_case.words.note] if use_case.words.note else []),
    ]


def _values(column: Column, low: float, high: float) -> Sequence[float | int]:
    if column.type != "number":
        return sorted({int(value) for value in np.linspace(low, high, STEPS).round()})
    return [float(value) for value in np.linspace(low, high, STEPS).round(6)]
