"""What is missing in gold, and why lines were put into quarantine."""

import pandas as pd
from pyspark.sql import functions as F

from hitcast.exploring.subject import Subject
from hitcast.exploring.words import count, listed, percent
from hitcast.ingest.bronze import lines_of
from hitcast.ingest.extracts import read_log
from hitcast.sources.lines import only_records
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from hitcast.tables.names import col

VALUE = ", got .*$"
"""The end of a reason, which shows the one value that was wrong."""


def count_missing(subject: Subject) -> pd.DataFrame:
    """Count the rows of gold without a value.

    Returns:
        One row a declared column, most missing first: `column`, `missing` (rows), `share`.
    """
    names = subject.use_case.column_names
    counted = subject.rows.agg(
        F.count("*"), *(F.count(F.when(col(name).isNull(), 1)) for name in names)
    ).collect()[0]
    found = pd.DataFrame({"column": names, "missing": list(counted)[1:]})
    found["share"] = found["missing"] / max(counted[0], 1)
    return found.sort_values("missing", ascending=False, kind="stable", ignore_index=True)


def count_reasons(quarantine: Table) -> pd.DataFrame:
    """Count the lines in quarantine by what is wrong with them; a line may have several reasons.

    Returns:
        One row a reason, most lines first: `reason` (without the value that was wrong), `lines`.
    """
    if not quarantine.exists():
        return pd.DataFrame({"reason": pd.Series(dtype=str), "lines": pd.Series(dtype=int)})
    return (
        quarantine.read()
        .select(F.explode("reasons").alias("reason"))
        .groupBy(F.regexp_replace("reason", VALUE, "").alias("reason"))
        .agg(F.count("*").alias("lines"))
        .orderBy(F.desc("lines"), "reason")
        .toPandas()
    )


def count_lines(lakehouse: Lakehouse) -> dict[str, int]:
    """How many lines came in, and how many of them are in quarantine."""
    bronze, quarantine = lakehouse.bronze, lakehouse.quarantine
    by_format: dict[str, list[str]] = {}
    for checksum, layout in read_log(lakehouse.extracts).layouts.items():
        by_format.setdefault(layout.format, []).append(checksum)
    # Bronze has lines, too, that are no records.
    read = [only_records(lines_of(bronze, of), name).count() for name, of in by_format.items()]
    bad = quarantine.read().count() if quarantine.exists() else 0
    return {"read": sum(read), "quarantined": bad}


def missing_in_words(
    subject: Subject, missing: pd.DataFrame, reasons: pd.DataFrame, lines: dict[str, int]
) -> list[str]:
    """How much is missing, and what became of the lines that failed."""
    some = missing[missing["missing"] > 0]
    if some.empty:
        gold = f"No value is missing in gold: each of the {subject.noun} has all columns."
    else:
        told = [
            f"{n} {count(m)} times" for n, m in zip(some["column"], some["missing"], strict=True)
        ]
        gold = f"Missing in gold: {listed(told)}; all other columns are complete."
    if not lines["quarantined"]:
        return [gold, f"Of {count(lines['read'])} lines that were read none is in quarantine."]
    verb = "is" if lines["quarantined"] == 1 else "are"
    share = percent(lines["quarantined"] / lines["read"])
    return [
        gold,
        f"Of {count(lines['read'])} lines that were read {count(lines['quarantined'])} {verb} in "
        f"quarantine ({share}). The reason met most often: {reasons['reason'].iloc[0]} "
        f"({count(reasons['lines'].iloc[0])} lines).",
    ]
