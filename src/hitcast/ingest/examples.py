"""What a refused extract has to show: the rules that are broken most, and lines that break them.

Logs go further than tables do. So words and private values are told by their length and a hash
alone, by which equal ones are known and nobody reads what they were; and whatever stands in a
column of numbers without being one, as words do where columns have slipped.
"""

import re
from collections.abc import Mapping

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.ingest.reasons import broken_rules, expectation
from hitcast.sources.disguise import hashed

MOST = 3
"""How many rules, and how many lines, are shown."""
NUMBER = re.compile(r"\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*")


def commonest(by_rule: Mapping[str, int], use_case: UseCase) -> list[str]:
    """The rules that most lines break, with what they expect."""
    found = sorted(by_rule.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    return [f"{rule}{_expected(rule, use_case)} by {count:,} lines" for rule, count in found]


def example_lines(
    lines: DataFrame,
    checksum: str,
    by_rule: Mapping[str, int],
    use_case: UseCase,
    number: Expression,
) -> list[str]:
    """The first bad lines of a content that break the rule which most of them do, disguised.

    Args:
        lines: Parsed ones, of that content among others.
        checksum: The content.
        by_rule: How many lines break each rule.
        use_case: Columns and rules.
        number: A line's number in its file.
    """
    rule = max(sorted(by_rule), key=lambda name: by_rule[name])
    broken = broken_rules(use_case)
    bad = lines.where((F.col("source_checksum") == checksum) & ~F.col("is_good"))
    rows = (
        bad.where(F.array_contains(broken, rule))
        .orderBy("line_id")
        .select(
            number.alias("number"),
            broken.alias("rules"),
            "texts",
            F.col("raw_line").cast("string"),
        )
        .limit(MOST)
        .collect()
    )
    return [_example(row.asDict(recursive=True), use_case) for row in rows]


def disguised(text: str | None, column: Column) -> str:
    """A value as a message may show it."""
    if text is None:
        return "nothing"
    if column.private or column.type == "text" or not NUMBER.fullmatch(text):
        return hashed(text)
    return f"'{text.strip()}'"


def _example(row: Mapping[str, object], use_case: UseCase) -> str:
    texts = row["texts"]
    assert isinstance(texts, Mapping) and isinstance(row["rules"], list)
    told = [f"{c.name} {disguised(texts[c.name], c)}" for c in use_case.source_columns]
    if all(texts[name] is None for name in use_case.source_names):
        told = [hashed(str(row["raw_line"]))]
    return f"line {row['number']} ({', '.join(row['rules'])}): {', '.join(told)}"


def _expected(rule: str, use_case: UseCase) -> str:
    column, _, kind = rule.rpartition(".")
    if column not in use_case.source_names or kind == "required":
        return ""
    return f" ({expectation(use_case.column(column))})"
