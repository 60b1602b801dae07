"""The way of an extract: bronze, quarantine, silver, gold.

Each step brings its table to where it should be and commits nothing if it is there, so a run
that was killed anywhere is completed by running it again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.bronze import bring_lines
from hitcast.ingest.gold import sync_gold
from hitcast.ingest.guard import keep_apart, same_columns
from hitcast.ingest.line_counts import count_lines
from hitcast.ingest.quarantine import bad_lines, keep_bad_lines
from hitcast.ingest.silver import merge_rows, typed_rows
from hitcast.sources.extract import Extract
from hitcast.tables.lakehouse import Lakehouse


@dataclass(frozen=True)
class IngestCounts:
    """What became of an extract's lines, and gold's version with them in it.

    Always: rows_read = inserted + updated + unchanged + duplicates + quarantined.
    """

    rows_read: int
    inserted: int
    updated: int
    unchanged: int
    duplicates: int
    quarantined: int
    table_version: int


def _silent(_: str) -> None:
    return None


def ingest(
    use_case: UseCase,
    lakehouse: Lakehouse,
    extract: Extract,
    extraction_date: date,
    *,
    replace_generated: bool = False,
    say: Callable[[str], None] = _silent,
) -> IngestCounts:
    """Bring an extract into the tables of a use case.

    Args:
        use_case: Declares columns, types and ranges.
        lakehouse: The tables; those that do not exist are made.
        extract: What to bring in.
        extraction_date: The day that the extract shows; older ones never overwrite newer rows.
        replace_generated: Whether real rows may drop generated ones and start over.
        say: Told of each step as it ends.

    Returns:
        The counts.

    Raises:
        GeneratedRowsError: if generated and real rows would mix.
        UseCaseError: if the tables were made for other columns.
        LakehouseError: if another job is changing the tables.
    """
    with lakehouse.alone():
        keep_apart(lakehouse, extract, replace_generated=replace_generated)
        same_columns(lakehouse, use_case)
        return _bring(use_case, lakehouse, extract, extraction_date, say)


def _bring(
    use_case: UseCase,
    lakehouse: Lakehouse,
    extract: Extract,
    extraction_date: date,
    say: Callable[[str], None],
) -> IngestCounts:
    """The four steps."""
    ingested_at = datetime.now(UTC)
    with _step("bronze", say) as done:
        lines, added = bring_lines(lakehouse.bronze, extract, use_case, ingested_at)
        done("lines added" if added else "these lines are there already")
    with _step("checks", say) as done:
        counts = count_lines(lines, use_case)
        done(f"{counts.lines:,} lines, {counts.bad:,} bad, {counts.duplicates:,} repeated")
    with _step("quarantine", say) as done:
        bad = bad_lines(lines, use_case, extraction_date)
        keep_bad_lines(lakehouse.quarantine, bad, counts, extract)
        done(f"{counts.bad:,} lines")
    with _step("silver", say) as done:
        rows = typed_rows(lines, use_case, counts, extract, extraction_date, ingested_at)
        changes = merge_rows(lakehouse.silver, rows, use_case, extract)
        inserted, updated = (changes.inserted, changes.updated) if changes else (counts.keys, 0)
        done(f"{inserted:,} inserted, {updated:,} updated")
    with _step("gold", say) as done:
        sync_gold(lakehouse.gold, lakehouse.silver, use_case, extract.generated)
        version = lakehouse.gold.version()
        done(f"version {version}")
    return IngestCounts(
        rows_read=counts.lines,
        inserted=inserted,
        updated=updated,
        unchanged=counts.keys - inserted - updated,
        duplicates=counts.duplicates,
        quarantined=counts.bad,
        table_version=version,
    )


@contextmanager
def _step(name: str, say: Callable[[str], None]) -> Iterator[Callable[[str], None]]:
    """Time a step; it says at its end what it did."""
    begun = time.perf_counter()
    told: list[str] = []
    yield told.append
    say(f"{name}: {'; '.join(told)} ({time.perf_counter() - begun:.1f} s)")
