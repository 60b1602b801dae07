"""Bronze: every record as it came, appended once per content.

Nothing is read out of a record here, so bronze outlasts every change of the rules in `conf/`.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.errors import LakehouseError
from hitcast.ingest.properties import LINE_PROPERTIES, properties
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from hitcast.tables.reading import TIDYING

COLUMNS = ("source_checksum", "line_id", "raw_line", "source_file", "ingested_at")
Cut = tuple[str, bool]
"""What decides where a file's records end: its format, and whether quotes may span lines."""
UNKNOWN: Cut = ("", False)


def bring_lines(
    table: Table, extract: Extract, ingested_at: datetime, known: Layout | None
) -> bool:
    """Have the lines of `extract` in bronze, once, by one commit unless they are there.

    Args:
        table: Bronze, which is made in the same commit if it does not exist.
        extract: What to read.
        ingested_at: When the run began, UTC.
        known: How the log of extracts says that the content was read last; None: it does not know
            it, as after a run that was killed behind this step.

    Returns:
        Whether they had to be brought.
    """
    if not table.exists():
        made_with = properties(extract.generated, LINE_PROPERTIES)
        table.create_from(_rows(extract, table, ingested_at), made_with, _note(extract))
        return True
    found = _held_lines(table, extract, known)
    if found == _cut(extract.layout):
        return False
    rows = _rows(extract, table, ingested_at)
    if found is not None:
        # The same file has other records where its quotes may span lines.
        note = _note(extract, again=True)
        table.replace(rows, f"source_checksum = '{extract.checksum}'", note)
        return True
    # Delta drops a second commit of the same transaction, so no run adds lines again; it remembers
    # the first one also where somebody has taken these lines out since.
    transaction = f"{extract.checksum} {table.version()}"
    note = _note(extract, again=known is not None)
    table.append(rows, note, txnAppId=transaction, txnVersion="1")
    return True


def changed_by_others(table: Table, version: int) -> bool:
    """Whether lines may be others than those of a version and those that were added since."""
    commits = table.commits_after(version)
    return commits is None or not all(
        commit.operation in TIDYING or _told(commit.note).get("added") for commit in commits
    )


def _held_lines(table: Table, extract: Extract, known: Layout | None) -> Cut | None:
    """How the content's lines that are there were cut; None where there are none."""
    commits = table.commits_after(-1)
    cut: Cut | None = None
    is_sure = commits is not None
    for commit in commits or ():
        told = _told(commit.note)
        if told.get("checksum") == extract.checksum:
            cut = (told["cut"][0], told["cut"][1])
        elif not told and commit.operation not in TIDYING:
            # Somebody took lines out, or put older ones back, which may be cut as before.
            is_sure = False
            cut = None if commit.operation == "RESTORE" else cut
    if is_sure:
        return cut
    if not lines_of(table, [extract.checksum]).limit(1).count():
        return None
    restored = any(commit.operation == "RESTORE" for commit in commits or ())
    return cut or (UNKNOWN if restored else _cut(known or extract.layout))


def _rows(extract: Extract, table: Table, ingested_at: datetime) -> DataFrame:
    return extract.read(table.spark).select(
        F.lit(extract.checksum).alias("source_checksum"),
        "line_id",
        "raw_line",
        F.lit(extract.name).alias("source_file"),
        F.lit(ingested_at).cast("timestamp").alias("ingested_at"),
    )


def _cut(layout: Layout) -> Cut:
    return layout.format, layout.multiline


def _note(extract: Extract, *, again: bool = False) -> str:
    """What a commit says of the lines that it brings."""
    told = {"checksum": extract.checksum, "cut": _cut(extract.layout), "added": not again}
    return json.dumps(told)


def _is_of(note: str | None, checksums: Collection[str]) -> bool | None:
    """Whether a commit with a note brought lines of these contents; None where it does not say.

    One that puts lines in the place of others may write lines of other contents anew.
    """
    told = _told(note)
    if told and told["checksum"] in checksums:
        return True
    return False if told.get("added") else None


def _told(note: str | None) -> dict[str, Any]:
    """What the note of a commit of bronze says; empty where somebody else made it."""
    try:
        told = json.loads(note or "")
    except ValueError:
        return {}
    return told if isinstance(told, dict) and {"checksum", "cut", "added"} <= told.keys() else {}


def lines_of(table: Table, checksums: Iterable[str]) -> DataFrame:
    """The lines in bronze with these contents."""
    wanted = list(checksums)
    added = table.read_added(lambda note: _is_of(note, wanted))
    rows = table.read() if added is None else added
    return rows.where(F.col("source_checksum").isin(wanted))


def refuse_old_form(lakehouse: Lakehouse) -> None:
    """Refuse a bronze that kept typed columns in place of raw records.

    Raises:
        LakehouseError: with what to do.
    """
    if not lakehouse.bronze.exists():
        return
    found = list(lakehouse.bronze.columns())
    if not set(COLUMNS) <= set(found) or "is_good" in found:
        raise LakehouseError(
            f"expected bronze in {lakehouse.where} to hold each line as it came "
            f"{list(COLUMNS)}, found the form of an older version {found}; start over: ingest the "
            "files again into another --home, or remove these tables first"
        )
