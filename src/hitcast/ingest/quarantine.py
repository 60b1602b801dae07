"""Quarantine: the lines that failed, with every reason."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.bronze import lines_of
from hitcast.ingest.line_numbers import line_number
from hitcast.ingest.newest import by_checksum
from hitcast.ingest.properties import LINE_PROPERTIES, properties
from hitcast.ingest.reasons import failures
from hitcast.ingest.showings import Showing
from hitcast.ingest.standing import Plan
from hitcast.tables.delta import Table
from hitcast.tables.fingerprint import fingerprint

FAILED_RULES = (
    "array<struct<name: string, message: string, columns: array<string>, "
    "rule_set_fingerprint: string>>"
)

OWN = (
    "source_checksum", "reasons", "failed_rules", "raw_line", "line_number", "line_id", "line_hash",
    "source_file", "extraction_date",
)  # fmt: skip
"""The columns that quarantine has beside those of the extracts."""


def has_columns_of(quarantine: Table, use_case: UseCase) -> bool:
    """Whether quarantine is there, with the columns of the use case and no others."""
    expected = {*OWN, *use_case.source_names}
    return quarantine.exists() and set(quarantine.columns()) == expected


def bad_lines(
    lines: DataFrame, use_case: UseCase, firsts: Sequence[Showing], count: int, bronze: Table
) -> DataFrame:
    """The `count` parsed lines that are not good, as quarantine has them: columns as texts.

    `line_number` is the line's number in its file, `line_id` the one that bronze has of it.
    `failed_rules` has each rule that a line breaks by its name and the fingerprint of the rule set,
    with the message; `reasons` are the messages alone, for people.
    `extraction_date` is the day that the content was first shown as that of, which `firsts` tell.
    """
    # What is wrong is a long expression, and where nothing is nobody has to wait for its plan.
    wrong = failures(use_case) if count else F.array().cast(FAILED_RULES)
    number = (
        line_number(lines_of(bronze, [s.checksum for s in firsts])) if count else F.col("line_id")
    )
    failed = lines.where("not is_good").withColumn("failed_rules", wrong)
    return failed.select(
        "source_checksum",
        F.col("failed_rules.message").alias("reasons"),
        "failed_rules",
        *(F.col("texts")[name].alias(name) for name in use_case.source_names),
        "raw_line",
        number.alias("line_number"),
        "line_id",
        F.xxhash64(F.col("raw_line").cast("string")).alias("line_hash"),
        by_checksum(firsts, lambda s: s.source_file).alias("source_file"),
        by_checksum(firsts, lambda s: s.day).alias("extraction_date"),
    )


def keep_bad_lines(
    table: Table, bad: DataFrame, count: int, plan: Plan, *, generated: bool, note: str
) -> None:
    """Make quarantine hold `bad`, and no other lines of the plan's contents.

    Nothing is committed where it holds them, so a rerun changes nothing; where the rules of the
    use case have changed since, the lines are replaced in one commit.

    Args:
        table: Quarantine, which is made if it does not exist.
        bad: What `bad_lines` returned.
        count: How many those are.
        plan: Whose lines they are; a whole plan is of all lines that there are.
        generated: Whether the rows were generated.
        note: Text that the commit carries.
    """
    if not table.exists():
        made_with = properties(generated, LINE_PROPERTIES)
        if count:
            table.create_from(bad, made_with, note=note)
        else:
            table.create(bad, made_with)
        return
    held = table.read()
    if set(held.dtypes) != set(bad.dtypes):
        table.overwrite(bad, note)
        return
    if not plan.whole:
        held = held.where(F.col("source_checksum").isin(plan.checksums))
    found = _fingerprint(held)
    is_empty = found[0] == 0
    if is_empty and count == 0 or found == _fingerprint(bad):
        return
    if is_empty:
        table.append(bad, note=note)
    elif plan.whole:
        table.overwrite(bad, note)
    else:
        table.replace(bad, f"source_checksum = '{plan.checksums[0]}'", note)


def _fingerprint(lines: DataFrame) -> tuple[int, str]:
    """What lines with their reasons are known by."""
    return fingerprint(lines, F.xxhash64("source_checksum", "failed_rules", "line_hash", "line_id"))
