"""Extracts that gates refuse: nothing of them goes further than bronze until they are accepted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.sections import Gate, Gates
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GateError, SourceError
from hitcast.ingest import IngestCounts, ingest, ingest_again
from hitcast.ingest.checks import rules_of
from hitcast.ingest.rules import rule_names
from hitcast.sources.csv import csv_extract
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import book, write_lines

pytestmark = pytest.mark.spark
DAYS = {name: date(2024, 5, day) for name, day in (("good", 1), ("bad", 2), ("next", 3))}
QUARANTINED = "max_quarantined"


@dataclass(frozen=True)
class Step:
    """What a run counted, or why it was refused; what it told; the tables after it."""

    counts: IngestCounts | None
    refused: str
    told: Sequence[str]
    versions: dict[str, int | None]
    titles: dict[str, str]


@dataclass
class Story:
    """Runs into the same tables, one after the other."""

    lakehouse: Lakehouse
    gated: UseCase
    folder: Path
    steps: dict[str, Step] = field(default_factory=dict)

    def take(
        self, name: str, file: str | None, *accept: str, use_case: UseCase | None = None,
        killed: str = "",
    ) -> None:  # fmt: skip
        """Ingest a file, or bronze again; killed as it comes to a step first, if one is named."""
        told: list[str] = []
        use_case = use_case or self.gated
        counts, refused = None, ""

        def run() -> IngestCounts:
            given: dict[str, Any] = {"accept": accept, "say": told.append}
            if file is None:
                return ingest_again(use_case, self.lakehouse, **given)
            extract = csv_extract(self.folder / f"{file}.csv", use_case)
            return ingest(use_case, self.lakehouse, extract, DAYS[file], **given)

        if killed:
            with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setattr(f"hitcast.ingest.{killed}", stop)
                run()
        else:
            try:
                counts = run()
            except GateError as error:
                refused = str(error)
        self.steps[name] = Step(counts, refused, told, self.versions(), self.titles())

    def versions(self) -> dict[str, int | None]:
        """The versions of the tables beyond bronze, and of quality."""
        tables = map(self.lakehouse.table, ("quarantine", "silver", "gold", "quality"))
        return {t.name: t.version() if t.exists() else None for t in tables}

    def titles(self) -> dict[str, str]:
        """The title of each book in gold."""
        gold = self.lakehouse.gold
        return {r["id"]: r["title"] for r in gold.read().collect()} if gold.exists() else {}

    def quality(self, **of: Any) -> list[dict[str, Any]]:
        """Rows of quality, in order."""
        rows = self.lakehouse.quality.read().orderBy("judgement", "rule")
        for name, value in of.items():
            rows = rows.where(F.col(name) == value)
        return [row.asDict(recursive=True) for row in rows.collect()]


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def gated(books: UseCase) -> UseCase:
    """The books, of which a fifth may be bad."""
    return books.model_copy(update={"gates": Gates(max_quarantined=Gate(limit=0.2))})


@pytest.fixture(scope="module")
def story(spark: SparkSession, gated: UseCase, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("refused")
    told = Story(Lakehouse(spark, folder / "lakehouse", "books"), gated, folder)
    bad = [book(1, title="from bad"), book(2, score="secret words"), book(9, title=""), "1,2"]
    write_lines(folder / "bad.csv", bad)
    write_lines(folder / "good.csv", [book(n) for n in range(1, 5)])
    write_lines(folder / "next.csv", [book(1, title="next"), book(6), book(7, score="x")])
    vanished = Gate(limit=0.8)
    gates = Gates(max_quarantined=Gate(limit=0.4), max_vanished=vanished)
    loose = gated.model_copy(update={"gates": gates})
    told.take("good", "good")
    told.take("killed", "bad", killed="hearing.write_quality")
    told.take("bad", "bad")
    told.take("bad again", "bad")
    told.take("next killed", "next", use_case=loose, killed="steps.keep_bad_lines")
    told.take("next", "next", use_case=loose)
    return told


@pytest.fixture(scope="module")
def later(story: Story) -> Story:
    """What comes of the refused extract after that."""
    told = story
    told.take("from bronze", None)
    chosen = f"{QUARANTINED}=bad.csv"
    told.take("accepted, killed", None, chosen, killed="steps.bring_silver")
    told.take("next again", "next")
    told.take("bad after all", "bad")
    return told


def test_nothing_of_a_refused_extract_goes_further_than_bronze(story: Story) -> None:
    good, bad = story.steps["good"], story.steps["bad"]
    assert bad.counts is None
    assert bad.titles == good.titles
    for table in ("quarantine", "silver", "gold"):
        assert bad.versions[table] == good.versions[table]
    lines = story.lakehouse.bronze.read().groupBy("source_checksum").count().collect()
    assert sorted(row["count"] for row in lines) == [3, 4, 4]


def test_the_error_says_what_was_broken_most_and_shows_no_words(story: Story) -> None:
    told = story.steps["bad"].refused
    assert "bad.csv of 2024-05-02 is refused: expected at most 20 % of lines to be bad" in told
    assert "found 75 % (3 of 4) (gate max_quarantined)" in told
    assert "line.fields by 1 lines, score.type (whole number between 0 and 100 points) by" in told
    assert "--accept max_quarantined" in told
    assert "conf/books.yml" in told
    assert "what source says of the file is taken when it is ingested" in told
    assert "such as line 5 (line.fields): " in told
    assert "\n" not in told
    assert "secret" not in told


def test_a_gate_that_failed_fails_again_with_the_same_file_and_writes_nothing(
    story: Story,
) -> None:
    again = story.steps["bad again"]
    assert again.refused == story.steps["bad"].refused
    assert again.versions == story.steps["bad"].versions


def test_a_run_killed_before_the_verdict_is_judged_by_the_next(story: Story) -> None:
    good, killed, bad = (story.steps[name] for name in ("good", "killed", "bad"))
    assert killed.versions == good.versions
    assert (killed.versions["quality"], bad.versions["quality"]) == (0, 1), "one commit each"


def test_the_next_extract_does_not_bring_in_a_refused_one(story: Story) -> None:
    before, killed, step = (story.steps[n] for n in ("bad again", "next killed", "next"))
    assert killed.titles == before.titles
    assert killed.versions == before.versions | {"quality": 2}
    assert step.versions["quality"] == 2, "written once, before the kill"
    assert step.counts is not None
    assert (step.counts.inserted, step.counts.updated, step.counts.quarantined) == (1, 1, 1)
    assert step.titles["b1"] == "next"
    assert "b9" not in step.titles
    # Of the keys of the last one that was let in, the first, a quarter is there again.
    (row,) = story.quality(judgement=3, rule="line.form")
    assert {gate["gate"]: gate["found"] for gate in row["gates"]} == {
        QUARANTINED: pytest.approx(1 / 3), "min_rows": 0.75, "max_vanished": 0.75,
        "max_days_behind": 0.0,
    }  # fmt: skip


@pytest.mark.slow
def test_bronze_again_leaves_it_out_and_what_was_let_in_stays_in(later: Story) -> None:
    step = later.steps["from bronze"]
    assert step.counts is not None
    # A third of the next extract is bad, which these gates would refuse; it is in.
    assert (step.counts.rows_read, step.counts.quarantined) == (7, 1)
    assert step.titles == later.steps["next"].titles
    for table in ("quarantine", "gold", "quality"):
        assert step.versions[table] == later.steps["next"].versions[table]
    assert any("1 left out" in words for words in step.told)
    assert any("max_quarantined refused" in words and "bad.csv" in words for words in step.told)
    assert "note: 1 left out; let one in by --from-bronze --accept max_quarantined" in step.told
    with pytest.raises(SourceError, match=r"to name one of .*; found none of them"):
        ingest_again(later.gated, later.lakehouse, accept=[f"{QUARANTINED}=worse.csv"])


@pytest.mark.slow
def test_an_accepted_extract_comes_in_by_whichever_run_is_next(later: Story) -> None:
    killed, after = later.steps["accepted, killed"], later.steps["next again"]
    assert killed.titles == later.steps["next"].titles
    assert after.titles["b1"] == "next", "of a later day"
    assert after.versions["quality"] == killed.versions["quality"] == 3
    bad = later.lakehouse.quarantine.read().groupBy("source_checksum").count().collect()
    assert sorted(row["count"] for row in bad) == [1, 3]
    last = later.steps["bad after all"]
    assert last.refused == "", "it is in"
    assert last.counts is not None
    assert (last.counts.unchanged, last.counts.quarantined) == (1, 3)
    assert last.titles == after.titles
    tables = ("quarantine", "silver", "gold", "quality")
    assert last.versions == {name: after.versions[name] for name in tables}


@pytest.mark.slow
def test_quality_has_a_row_for_each_judgement_and_rule(later: Story, gated: UseCase) -> None:
    rows = later.quality()
    names = sorted(rule_names(gated))
    assert [row["rule"] for row in rows] == names * 4
    verdicts = [(row["number"], row["verdict"], row["accepted"]) for row in rows[:: len(names)]]
    assert verdicts == [
        (1, "passed", []),
        (2, "refused", []),
        (3, "passed", []),
        (2, "accepted", [QUARANTINED]),
    ]
    assert {row["rule_set_fingerprint"] for row in rows} == {rules_of(gated)}
    broken = {row["rule"]: row["bad_lines"] for row in rows if row["judgement"] == 2}
    some = {"line.fields": 1, "score.type": 1, "title.required": 1}
    assert broken == dict.fromkeys(names, 0) | some
    (row,) = later.quality(judgement=4, rule="line.fields")
    assert (row["lines"], row["quarantined"], row["extraction_date"]) == (4, 3, DAYS["bad"])
    (gate,) = [gate for gate in row["gates"] if gate["gate"] == QUARANTINED]
    assert (gate["limit"], gate["found"], gate["outcome"]) == (0.2, 0.75, "accepted")


@pytest.mark.slow
def test_tightened_rules_refuse_nobody_who_is_in_but_are_told_and_recorded(
    later: Story, gated: UseCase
) -> None:
    columns = tuple(
        c.model_copy(update={"minimum": 103.0}) if c.name == "pages" else c for c in gated.columns
    )
    strict = gated.model_copy(update={"columns": columns})
    later.take("stricter", None, use_case=strict)
    step = later.steps["stricter"]
    assert set(step.titles) == {"b3", "b4", "b6"}
    assert any("max_quarantined warned" in words and "good.csv" in words for words in step.told)
    rows = later.quality(rule_set_fingerprint=rules_of(strict), rule="pages.minimum")
    counted = [(r["number"], r["lines"], r["bad_lines"], r["verdict"]) for r in rows]
    assert sorted(counted) == [(1, 4, 2, "warned"), (2, 4, 2, "warned"), (3, 3, 1, "warned")]
    bad = later.lakehouse.quarantine.read().select("failed_rules").collect()
    assert len(bad) == 2 + 4 + 2
    found = {rule["rule_set_fingerprint"] for row in bad for rule in row["failed_rules"]}
    assert found == {rules_of(strict)}
