"""An uploaded table being scored, call by call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from answers import Row, Schema
from client import Client
from components.upload.cells import rows_of
from components.upload.table import Upload
from refusals import RefusedError

TOO_LARGE = (413, 422)
"""What the API answers to more bytes, or more rows, than it takes in one call."""


@dataclass
class Batch:
    """A table and the answers that are there, in the table's order; one version gives them all.

    Attributes:
        upload: The table.
        version: The version that is asked, also after another one is served.
        alias: The alias under which it was served.
        threshold: The probability from which on it says yes; None: there are several classes.
        answers: Yes (1) or no (0), or the class's name; None where a row can't be scored.
        probabilities: Of two classes that of the positive one, of more that of the answer; None
            likewise.
        by_class: Of several classes, that of each; None likewise.
        reasons: Why a row can't be scored; None where it was.
        kept: Tables made from the answers, so that they are made once.
    """

    upload: Upload
    version: int
    alias: str | None
    threshold: float | None
    answers: list[int | str | None] = field(default_factory=list)
    probabilities: list[float | None] = field(default_factory=list)
    by_class: list[Mapping[str, float] | None] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)
    kept: dict[str, pd.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, upload: Upload, model: Mapping[str, Any]) -> "Batch":
        """A batch for what `GET /model` says is served."""
        return cls(upload, model["version"], model["alias"], model["threshold"])

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return len(self.upload.lines)

    @property
    def done(self) -> int:
        """Rows that have an answer, or a reason why not."""
        return len(self.reasons)


def score(batch: Batch, schema: Schema, client: Client, tell: Callable[[int], None]) -> None:
    """Score what is not scored yet; what is done stays when the API fails, and is not asked again.

    Args:
        batch: Takes the answers.
        schema: The inputs.
        client: Reaches the API.
        tell: Is called with the rows that are done.

    Raises:
        ApiError: if the API does not answer as asked.
    """
    while batch.done < batch.rows:
        tell(batch.done)
        start = batch.done
        rows, problems = rows_of(schema, batch.upload, start, start + schema.batch_rows)
        good = [row for place, row in enumerate(rows) if place not in problems]
        found = iter(_asked(client, good, batch.version, schema))
        whole: list[dict[str, Any]] = [
            {"error": problems[n]} if n in problems else next(found) for n in range(len(rows))
        ]
        batch.answers += [answer.get(schema.output) for answer in whole]
        if schema.several:
            each = [answer.get("probabilities") for answer in whole]
            batch.by_class += each
            labels = batch.answers[start:]
            batch.probabilities += [p and p[str(n)] for p, n in zip(each, labels, strict=True)]
        else:
            batch.probabilities += [answer.get("probability") for answer in whole]
        batch.reasons += [answer.get("error") for answer in whole]


def _asked(
    client: Client, rows: Sequence[Row], version: int, schema: Schema
) -> list[dict[str, Any]]:
    """An answer for each row, in halves where the API does not take all at once."""
    if not rows:
        return []
    if len(rows) == 1 or not _too_large(rows, schema):
        try:
            return client.predict_batch(rows, version=version)
        except RefusedError as error:
            if error.status not in TOO_LARGE:
                raise
            if len(rows) == 1:
                return [{"error": str(error)}]
    half = len(rows) // 2
    first, second = rows[:half], rows[half:]
    return _asked(client, first, version, schema) + _asked(client, second, version, schema)


def _too_large(rows: Sequence[Row], schema: Schema) -> bool:
    """Whether the texts of rows alone are more than a call takes: they need not be sent."""
    if schema.batch_bytes is None:
        return False
    long = [column.name for column in schema.texts]
    return sum(len(row.get(name) or "") for row in rows for name in long) > schema.batch_bytes
