"""Rows to ask an endpoint about, and what it answered."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from hitcast.exploring.endpoint.answers import told_apart
from hitcast.exploring.endpoint.client import Endpoint
from hitcast.exploring.subject import Subject
from hitcast.features.label import LABEL
from hitcast.tables.names import col

TYPES: Mapping[str, Any] = {"text": str, "integer": int, "number": float, "category": int}


def read_row(text: str, use_case: UseCase, subject: Subject | None = None) -> dict[str, Any]:
    """A row from a widget: JSON, or where it is empty the use case's own example.

    Where conf has no example of an input that is needed, it is a row of gold: values of different
    rows would not go together.

    Raises:
        HitcastError: if it is no JSON object, or there is neither an example nor gold.
    """
    if not text.strip():
        lacking = [c.name for c in use_case.features if c.required and c.example is None]
        if not lacking:
            examples = ((c, c.example) for c in use_case.features)
            return {c.name: TYPES[c.type](e) for c, e in examples if e is not None}
        if subject is None:
            raise HitcastError(
                f"expected one {use_case.entity} in the widget row, as conf has no example of "
                f"{lacking} and there is no gold table in reach; give it as a JSON object"
            )
        return inputs_of(some_rows(subject, 1)[:1], use_case)[0]
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
        Up to `each` rows of each class, the positive ones of two first: gold's columns and `label`.
    """
    by_hash = subject.rows.withColumn("place", F.xxhash64(col(subject.use_case.key)))
    parts = [
        by_hash.where(F.col(LABEL) == kind.number).orderBy("place").limit(each)
        for kind in subject.kinds
    ]
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
        One row a row, in order: what names it, the label's own column, `is LABEL` (0 or 1) where
        the label is no named class, and the endpoint's answers.
    """
    profiles, label = use_case.profiles, use_case.label
    shown = [n for n in (profiles.shown if profiles else (use_case.key,)) if n != label.column]
    known = rows[[*shown, label.column]]
    if not label.names:
        known = known.assign(**{f"is {label.output}": rows[LABEL].astype(int)})
    answers = told_apart(endpoint.score(inputs_of(rows, use_case)))
    return known.join(answers, rsuffix=" (answer)")


def note_of(endpoint: Endpoint, detail: Mapping[str, Any]) -> str:
    """The line under each picture: which version answered, and on what it was trained."""
    model = detail.get("model")
    if not isinstance(model, Mapping):
        return f"answered by {endpoint.url}, which does not tell on what rows it was trained"
    rows = "generated" if model.get("generated") else "real"
    return f"answered by {model.get('name')} version {model.get('version')}, trained on {rows} rows"
