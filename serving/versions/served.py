"""One version, loaded: what answers a request from its first byte to its last."""

import json
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from hitcast.declaration.use_case import UseCase
from hitcast.errors import ScorerInputError
from hitcast.portable.card import MODEL_FILE, InputColumn
from hitcast.portable.insights import INSIGHTS_FILE, Insights
from hitcast.portable.scorer import Scorer
from serving.rows import Batch
from serving.versions.kept_file import KeptFile
from serving.versions.scores import Label, Scores
from serving.versions.snapshot import VersionInfo

Row = Mapping[str, Any]
MANY = 1000
"""From so many rows on, more threads save time."""


class Served:
    """A version's scorer with what is known of it.

    Attributes:
        info: The version as the registry has it.
        scorer: The model.
    """

    def __init__(self, info: VersionInfo, folder: Path, use_case: UseCase) -> None:
        """Load a scorer and score one row with it.

        Raises:
            ScorerInputError: if its files are broken, or it asks for other inputs than the API.
        """
        self.info = info
        self.scorer = Scorer.load(folder)
        # Opened now: what is read later has to be there when the copy is gone from the cache.
        self._model = KeptFile(folder / MODEL_FILE)
        self._insights = KeptFile(folder / INSIGHTS_FILE)
        self._group = use_case.group
        # Of private groups a version has no list, but for those that were trained before.
        self._is_private = bool(self._group and use_case.column(self._group).private)
        _check(self.scorer, use_case)
        self._seen = {c.name: c.seen for c in self.scorer.card.inputs if c.seen}
        known = ((c.name, c.values or c.codes) for c in self.scorer.card.inputs)
        self._known = {name: frozenset[Any](values) for name, values in known if values}
        _try(self.scorer)
        # As promised to the byte: orjson would leave out the space.
        self._bodies = {
            label: json.dumps({self.output: label}, ensure_ascii=False).encode()
            for label in self.classes or (0, 1)
        }

    @property
    def number(self) -> int:
        """The version's number."""
        return self.info.number

    @property
    def threshold(self) -> float | None:
        """Probabilities at or above it are positive; None: there are more classes than two."""
        return self.scorer.card.threshold

    @property
    def output(self) -> str:
        """The answer's name."""
        return self.scorer.card.output

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, the positive one of two last; none where answers are 0, 1."""
        return self.scorer.card.classes

    @cached_property
    def insights(self) -> Insights | None:
        """Profiles and references, read when they are first asked for."""
        text = self._insights.read()
        return None if text is None else Insights.parse(text)

    @cached_property
    def _bulk(self) -> Scorer:
        """The same model with all processors, for many rows at once."""
        return Scorer(self.scorer.card, self._model.read() or b"", threads=os.cpu_count() or 1)

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset(self.insights.groups) if self.insights else frozenset()

    def score(self, rows: Sequence[Row]) -> Scores:
        """What it says of each row, in order."""
        return self.score_columns(self.scorer.columns(rows))

    def score_columns(self, columns: Mapping[str, list[Any]]) -> Scores:
        """The same for rows given as columns."""
        rows = len(next(iter(columns.values())))
        scorer = self.scorer if rows < MANY else self._bulk
        return Scores.of(scorer, scorer.probabilities(columns))

    def score_batch(self, batch: Batch) -> Scores:
        """What it says of each good row of a batch, in order."""
        if batch.columns is not None:
            return self.score_columns(batch.columns)
        return self.score(batch.rows) if batch.rows else Scores([], [])

    def score_beside(self, batch: Batch) -> Scores:
        """The same with one processor, however many rows there are: others have to be answered."""
        scorer = self.scorer
        columns = scorer.columns(batch.rows) if batch.columns is None else batch.columns
        return Scores.of(scorer, scorer.probabilities(columns))

    def body(self, label: Label) -> bytes:
        """The whole answer to one row, where no more is asked for."""
        return self._bodies[label]

    def detail(self, scores: Scores) -> dict[str, Any]:
        """The answer about one row, and how likely it is."""
        named = {"probabilities": scores.of_classes(self.classes)} if self.classes else {}
        return {
            self.output: scores.labels[0],
            "probability": scores.chances[0],
            **named,
            "threshold": self.threshold,
        }

    def unknown(self, row: Row) -> list[str]:
        """The texts and categories of a row that the training has not seen, by column.

        Of a text of words: that it knows none of them.
        """
        # What is left out is no value that could be known.
        given = ((name, known, row.get(name)) for name, known in self._known.items())
        found = [name for name, known, value in given if value is not None and value not in known]
        counters = self.scorer.counters.items()
        found += [name for name, c in counters if row.get(name) and not c.counted(row[name])]
        group = row.get(self._group) if self._group else None
        listed = self._groups or not self._is_private
        if group is not None and listed and self._group not in self._known:
            found += [str(self._group)] if group not in self._groups else []
        return found

    def outside(self, row: Row) -> dict[str, tuple[float, float]]:
        """The numbers of a row beyond what the training saw: its lowest and highest, by column."""
        given = ((name, row.get(name), pair) for name, pair in self._seen.items())
        return {n: pair for n, v, pair in given if v is not None and not pair[0] <= v <= pair[1]}


def _check(scorer: Scorer, use_case: UseCase) -> None:
    """Refuse a scorer whose inputs callers can't give, or whose answers they don't know.

    Raises:
        ScorerInputError: naming what differs.
    """
    offered = {c.name: "text" if c.type == "text" else "number" for c in use_case.inputs}
    wrong = [c.name for c in scorer.card.inputs if offered.get(c.name) != c.kind]
    if wrong:
        raise ScorerInputError(
            f"the model asks for {wrong}, which {use_case.name} does not declare so"
        )
    if scorer.card.output != use_case.label.output:
        raise ScorerInputError(
            f"the model's answer is called {scorer.card.output}, and {use_case.name} calls it "
            f"{use_case.label.output}; train again"
        )
    if scorer.card.classes != use_case.label.names:
        raise ScorerInputError(
            f"the model answers {list(scorer.card.classes) or [0, 1]}, and {use_case.name} "
            f"declares {list(use_case.label.names) or [0, 1]}; train again"
        )


def _try(scorer: Scorer) -> None:
    """Score one row.

    Raises:
        ScorerInputError: if it can't, or there are more or fewer classes than its card has.
    """
    found = scorer.probabilities({c.name: [_any_value(c)] for c in scorer.card.inputs})
    wanted = (1,) if scorer.card.has_two_classes else (1, len(scorer.card.classes))
    if found.shape != wanted:
        raise ScorerInputError(
            f"the model's probabilities have the shape {found.shape} for one row, and its card has "
            f"{list(scorer.card.classes) or [0, 1]}; save the scorer again"
        )


def _any_value(column: InputColumn) -> Any:
    if column.kind == "text":
        return next(iter(column.values or column.vocabulary), "?")
    low, high = column.minimum, column.maximum
    return low if low is not None else high if high is not None else 0
