"""The table of quality: how many lines of each extract broke each rule, and what gates said.

One row a judgement and rule. A showing is judged before it is let in, and again where the rules
have changed, so that a series over extraction dates tells a worse extract from a stricter rule.
The last judgement of a showing says whether it is in.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.gates import Outcome, Verdict
from hitcast.ingest.properties import add_rows
from hitcast.ingest.reasons import broken_rules
from hitcast.ingest.rules import FIELDS, rule_names
from hitcast.ingest.showings import Showing
from hitcast.tables.delta import Table

SCHEMA = (
    "judgement long, number long, source_checksum string, source_file string, origin string, "
    "extraction_date date, judged_at timestamp, rule_set_fingerprint string, rule string, "
    "lines long, bad_lines long, quarantined long, verdict string, gates array<struct<"
    "gate: string, level: string, limit: double, found: double, outcome: string>>, "
    "accepted array<string>"
)
ROWS = f"array<struct<{SCHEMA}>>"


@dataclass(frozen=True)
class Tally:
    """Lines of a content, bad ones, and how many of these break each rule that any breaks."""

    lines: int
    bad: int
    by_rule: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Judgement:
    """What there is to say of a showing, by the rules of now."""

    showing: Showing
    tally: Tally
    verdict: Verdict


@dataclass(frozen=True)
class Record:
    """What the table says of a showing.

    Attributes:
        outcome: That of the last judgement.
        gates: What came of each gate then.
        rules: The fingerprint of the rules then.
        lines: How many there are.
        all_rules: The fingerprints of all rules that it was judged by.
        shown: Checksum and day of the showing; None: nobody asks for them.
    """

    outcome: Outcome
    gates: Mapping[str, Outcome]
    rules: str
    lines: int
    all_rules: Collection[str]
    shown: tuple[str, date] | None = None

    def is_of(self, showing: Showing) -> bool:
        """Whether that is what it was said of."""
        return self.shown in (None, (showing.checksum, showing.day))

    def says(self, judgement: Judgement, rules: str) -> bool:
        """Whether the table says that already."""
        found = {f.gate: f.outcome for f in judgement.verdict.findings}
        return (self.rules, self.gates) == (rules, found)


def read_quality(table: Table) -> tuple[Mapping[int, Record], int]:
    """What the table says of each showing, by its number, and the number of the last judgement."""
    if not table.exists():
        return {}, 0
    # Every judgement has a row of that rule.
    of_one_rule = (row for row in table.rows() if row["rule"] == FIELDS)
    rows = sorted(of_one_rule, key=lambda row: row["judgement"])
    records: dict[int, Record] = {}
    for row in rows:
        before = records.get(row["number"])
        rules = row["rule_set_fingerprint"]
        records[row["number"]] = Record(
            row["verdict"],
            {gate["gate"]: gate["outcome"] for gate in row["gates"]},
            rules,
            row["lines"],
            {rules, *(before.all_rules if before else ())},
            (row["source_checksum"], row["extraction_date"]),
        )
    return records, rows[-1]["judgement"] if rows else 0


def tally_lines(
    lines: DataFrame, use_case: UseCase, contents: Collection[str], known: Mapping[str, Tally]
) -> dict[str, Tally]:
    """Count lines, bad lines and broken rules of each content.

    Args:
        lines: Parsed lines, of these contents among others.
        use_case: Columns and rules.
        contents: Their checksums.
        known: Lines and bad lines of those that were counted before.
    """
    tallies = {content: known.get(content, Tally(0, 0)) for content in contents}
    rest = [content for content in contents if content not in known]
    of = F.col("source_checksum")
    if rest:
        bad = F.count(F.when(~F.col("is_good"), 1)).alias("bad")
        counted = lines.where(of.isin(rest)).groupBy(of).agg(F.count("*").alias("lines"), bad)
        found = counted.collect()
        tallies |= {row["source_checksum"]: Tally(row["lines"], row["bad"]) for row in found}
    some = [content for content, tally in tallies.items() if tally.bad]
    if some:
        broken = F.explode(broken_rules(use_case)).alias("rule")
        bad_ones = lines.where(of.isin(some) & ~F.col("is_good")).select(of, broken)
        counts = bad_ones.groupBy(of, "rule").agg(F.count("*").alias("lines")).collect()
        for content in some:
            by_rule = {r["rule"]: r["lines"] for r in counts if r["source_checksum"] == content}
            tallies[content] = Tally(tallies[content].lines, tallies[content].bad, by_rule)
    return tallies


def write_quality(
    table: Table,
    judgements: Sequence[Judgement],
    use_case: UseCase,
    rules: str,
    last: int,
    *,
    generated: bool,
) -> None:
    """Add judgements in one commit, numbered from the one after `last`."""
    now = datetime.now(UTC).isoformat()
    rows = [
        {
            **_told(judgement),
            "judgement": last + place,
            "judged_at": now,
            "rule_set_fingerprint": rules,
            "rule": rule,
            "bad_lines": judgement.tally.by_rule.get(rule, 0),
        }
        for place, judgement in enumerate(judgements, 1)
        for rule in rule_names(use_case)
    ]
    # As one literal: rows of Python's would cost Spark a good deal more.
    parsed = F.explode(F.from_json(F.lit(json.dumps(rows)), ROWS)).alias("row")
    frame = table.spark.range(1, numPartitions=1).select(parsed).select("row.*")
    add_rows(table, frame, generated)


def _told(judgement: Judgement) -> dict[str, Any]:
    """What is the same of all rules."""
    showing, verdict = judgement.showing, judgement.verdict
    asked = ("gate", "level", "limit", "found", "outcome")
    return {
        "number": showing.number,
        "source_checksum": showing.checksum,
        "source_file": showing.source_file,
        "origin": showing.origin,
        "extraction_date": showing.day.isoformat(),
        "lines": judgement.tally.lines,
        "quarantined": judgement.tally.bad,
        "verdict": verdict.outcome,
        "gates": [{name: getattr(f, name) for name in asked} for f in verdict.findings],
        "accepted": verdict.accepted,
    }
