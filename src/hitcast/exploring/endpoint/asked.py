"""Rows to ask an endpoint about, and what it answered."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from hitcast.exploring.endpoint.client import Endpoint
from hitcast.exploring.subject import Subject
from hitcast.exploring.words import percent
from hitcast.features.label import LABEL
from hitcast.tables.names import col

TYPES: Mapping[str, Any] = {"text": str, "integer": int, "number": float}


def read_row(text: str, use_case: UseCase) -> dict[str, Any]:
    """A row from a widget: JSON, or the use case's own example where it is empty.

    Raises:
        HitcastError: if it is no JSON object.
    """
    if not text.strip():
        examples = ((c, c.example) for c in use_case.features)
        return {c.name: TYPES[c.type](e) for c, e in examples if e is not None}
    try:
        row = json.loads(text)
    except json.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        raise HitcastError(
            f"expected one {use_case.entity} as a JSON object in the widget row, got "
            f"{text[:60]!r}; leave it empty for the use case's example"
        )
    return row


def some_rows(subject: Subject, each: int) -> pd.DataFrame:
    """A few rows of each class, the same ones every time: those whose key's hash is lowest.

    Returns:
        Up to `each` positive rows, then as many others: gold's columns and `label`.
    """
    by_hash = subject.rows.withColumn("place", F.xxhash64(col(subject.use_case.key)))
    parts = [by_hash.where(F.col(LABEL) == value).orderBy("place").limit(each) for value in (1, 0)]
    return pd.concat([part.drop("place").toPandas() for part in parts], ignore_index=True)


def inputs_of(rows: pd.DataFrame, use_case: UseCase) -> list[dict[str, Any]]:
    """Rows of gold as an endpoint takes them: inputs alone, in Python's own types."""
    names = [c.name for c in use_case.inputs]
    return [
        {str(name): value for name, value in record.items() if not pd.isna(value)}
        for record in rows[names].astype(object).to_dict("records")
    ]


def answered_rows(endpoint: Endpoint, rows: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """Ask about rows whose outcome is known, in one call.

    Args:
        endpoint: What is asked.
        rows: Rows of gold with `label`.
        use_case: Names the inputs, and the columns that name a row for people.

    Returns:
        One row a row, in order: what names it, the label's own column, `is LABEL` (0 or 1), and
        the endpoint's answers.
    """
    profiles, label = use_case.profiles, use_case.label
    shown = [n for n in (profiles.shown if profiles else (use_case.key,)) if n != label.column]
    known = rows[[*shown, label.column]].assign(**{f"is {label.output}": rows[LABEL].astype(int)})
    return known.join(endpoint.score(inputs_of(rows, use_case)), rsuffix=" (answer)")


def note_of(endpoint: Endpoint, detail: Mapping[str, Any]) -> str:
    """The line under each picture: which version answered, and on what it was trained."""
    model = detail.get("model")
    if not isinstance(model, Mapping):
        return f"answered by {endpoint.url}, which does not tell on what rows it was trained"
    rows = "generated" if model.get("generated") else "real"
    return f"answered by {model.get('name')} version {model.get('version')}, trained on {rows} rows"


def answers_in_words(detail: Mapping[str, Any], use_case: UseCase, note: str) -> list[str]:
    """What the answer to one row says."""
    positive = use_case.label.output
    verdict = positive if detail[positive] else f"not {positive}"
    told = f"The answer is {verdict}, with a probability of {percent(detail['probability'])}"
    if "threshold" in detail:
        told += f"; from {percent(detail['threshold'])} on it is {positive}"
    return [f"{told}.", f"{note[0].upper()}{note[1:]}."]
