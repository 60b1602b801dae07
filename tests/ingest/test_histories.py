"""Whatever is brought in, in whatever order and by whatever rules: tables are as a model says."""

import random
from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.newest import Resolution
from hitcast.ingest.showings import Showing
from hitcast.sources.layout import Layout
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.histories import (
    DAYS,
    QUARANTINED,
    SOURCES,
    History,
    Line,
    Rules,
    Step,
    histories,
    random_contents,
)
from tests.ingest.memory import NOW, Killed, Memory
from tests.ingest.model import Model, Row, Shown, resolved
from tests.ingest.told import Told, declared

ANY_PACE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
KEYS = 25


class Recalled:
    """A history that is told to tables in memory, with the model beside them."""

    def __init__(self, history: History) -> None:
        self.history, self.memory = history, Memory(history)
        self.model = Model(history.contents, history.kind)

    def tell(self) -> None:
        """Take all steps."""
        for step in self.history.steps:
            if step.content is not None or self.model.showings:
                self.take(step)

    def take(self, step: Step) -> None:
        """Take a step, killed once if it says so, and compare."""
        memory, today = self.memory, NOW.date()
        shown, said, silver = memory.log.rows, dict(memory.records), dict(memory.silver)
        try:
            ended = memory.run(step)
        except Killed:
            assert memory.silver == silver
            if step.again:
                self.take(replace(step, killed=None))
                return
            if memory.log.rows > shown or memory.records != said:
                at_hand = self.model.show(step, today)
                if memory.records != said:
                    self.model.judge(step, at_hand)
        else:
            assert ended == self.model.bring(step, today)
            assert memory.silver == (self.model.silver if ended else silver)
        self.compare()

    def compare(self) -> None:
        """Hold what was shown, and who is in, against the model."""
        said = {n: record.outcome != "refused" for n, record in self.memory.records.items()}
        assert [
            (int(s.checksum), s.origin, s.day, said.get(s.number)) for s in self.memory.log.showings
        ] == [(s.content, s.source, s.day, s.is_in) for s in self.model.showings]


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=ANY_PACE)
@given(history=histories(keys=4, most=8))
def test_who_is_in_and_whose_lines_are_read_is_as_the_model_says(history: History) -> None:
    Recalled(history).tell()


@pytest.mark.nightly
@settings(max_examples=4000, deadline=None, suppress_health_check=ANY_PACE, print_blob=True)
@given(history=histories(keys=5, most=12))
def test_thousands_of_histories_have_those_in_who_the_model_says(history: History) -> None:
    Recalled(history).tell()


Shows = Sequence[tuple[int, bool, Any]]


class Crowd:
    """Many histories of what is in, resolved at once: their contents and keys share no name."""

    def __init__(self, seed: int, told: Sequence[Shows], rules: Rules, keys: int) -> None:
        self.rules = rules
        self.contents = [random_contents(seed + n, keys) for n in range(len(told))]
        steps = [[Step(c, day, rules, other) for c, other, day in shows] for shows in told]
        self.shown: list[list[Shown]] = []
        for contents, some in zip(self.contents, steps, strict=True):
            model = Model(contents, "id")
            for step in some:
                shown = model.show(step, NOW.date())
                assert shown is not None
                shown.is_in = True
            self.shown.append(model.showings)

    def expected(self) -> dict[Hashable, Row]:
        """The rows of all, by history and key."""
        return {
            (number, key): row
            for number, (contents, shown) in enumerate(zip(self.contents, self.shown, strict=True))
            for key, row in resolved(contents, shown, "id", self.rules).items()
        }

    def showings(self) -> list[Showing]:
        """What is shown by all of them, in the order of ingestion."""
        every = [(n, s) for n, shown in enumerate(self.shown) for s in shown]
        return [
            Showing(number, f"{n} {s.content}", s.day, NOW, "", Layout("csv"), s.source)
            for number, (n, s) in enumerate(every, 1)
        ]

    def lines(self, spark: SparkSession) -> Any:
        """Parsed lines of all that are shown."""

        def row(history: int, content: int, place: int, line: Line) -> tuple[Any, ...]:
            good = line.is_good(self.rules)
            values = line.values(self.rules)[1:] if good else (None, None)
            return f"{history} {content}", place, f"{history} {line.id}", *values, good

        rows = [
            row(history, content, place, line)
            for history, shown in enumerate(self.shown)
            for content in sorted({s.content for s in shown})
            for place, line in enumerate(self.contents[history][content], 1)
        ]
        named = "source_checksum string, line_id long, id string, title string, score int"
        return spark.createDataFrame(rows, f"{named}, is_good boolean")

    def found(self, spark: SparkSession, books: UseCase) -> dict[Hashable, Row]:
        """The rows that the ingest resolves."""
        use_case = declared(books, "id", self.rules)
        resolution = Resolution(self.lines(spark), self.showings(), use_case, True)
        rows = resolution.rows().collect()
        found: dict[Hashable, Row] = {}
        for row in rows:
            history, content = map(int, row["source_checksum"].split())
            key = row["id"].split()[1]
            values = (key, row["title"], row["score"])
            source = row["source_name"] if self.rules.sources else ""
            place = (content, row["line_id"])
            found[history, key] = Row(values, row["extraction_date"], place, source)
        assert len(rows) == len(found)
        return found


def random_shows(seed: int, number: int) -> list[Shows]:
    """What each of many histories shows."""
    dice = random.Random(seed)

    def one() -> tuple[int, bool, Any]:
        return dice.randrange(4), dice.random() < 0.3, dice.choice(DAYS)

    return [[one() for _ in range(dice.randrange(2, 9))] for _ in range(number)]


@pytest.mark.spark
def test_the_newest_line_of_each_key_is_the_models(spark: SparkSession, books: UseCase) -> None:
    crowd = Crowd(1, random_shows(1, 40), Rules(60, sources=SOURCES), keys=8)
    assert crowd.found(spark, books) == crowd.expected()


@pytest.mark.nightly
@settings(max_examples=10, deadline=None, suppress_health_check=ANY_PACE, print_blob=True)
@given(seed=st.integers(0, 10_000_000), sources=st.sampled_from([(), SOURCES, SOURCES[::-1]]))
def test_the_newest_line_is_the_models_in_a_thousand_histories(
    spark: SparkSession, books: UseCase, seed: int, sources: tuple[str, ...]
) -> None:
    crowd = Crowd(seed, random_shows(seed, 100), Rules(60, sources=sources), keys=12)
    assert crowd.found(spark, books) == crowd.expected()


def tell(spark: SparkSession, folder: Path, books: UseCase, history: History) -> None:
    lakehouse = Lakehouse(spark, folder / f"{len(list(folder.iterdir()))}", "books")
    Told(lakehouse, books, history).tell()


@pytest.mark.slow
def test_a_history_of_everything_at_once_ends_as_the_model_says(
    spark: SparkSession, books: UseCase, tmp_path: Path
) -> None:
    gated = Rules(sources=SOURCES, bad=0.4)
    steps = [
        Step(0, DAYS[0], gated, killed=1),
        Step(1, DAYS[2], gated),
        Step(2, DAYS[1], replace(gated, isbn=True), accept=[QUARANTINED], killed=3),
        Step(None, None, replace(gated, limit=60, sources=SOURCES[::-1])),
    ]
    tell(spark, tmp_path, books, History(random_contents(1, KEYS), "made", steps))


@pytest.mark.nightly
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=ANY_PACE,
    print_blob=True,
    # A smaller one of the same fault would cost the rest of the night.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(history=histories(keys=KEYS, most=5))
def test_random_histories_end_as_the_model_says(
    spark: SparkSession, books: UseCase, tmp_path: Path, history: History
) -> None:
    tell(spark, tmp_path, books, history)
