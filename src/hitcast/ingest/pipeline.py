"""The way of an extract: bronze, quarantine, silver, gold.

Each step brings its table to where it should be and commits nothing if it is there, so a run
that was killed anywhere is completed by running it again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest.bronze import bring_lines, refuse_old_form
from hitcast.ingest.extracts import read_log, record
from hitcast.ingest.guard import keep_apart
from hitcast.ingest.progress import Say, silent, step
from hitcast.ingest.run import Run
from hitcast.ingest.showings import Log, Showing
from hitcast.ingest.steps import Outcome
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


def ingest(
    use_case: UseCase,
    lakehouse: Lakehouse,
    extract: Extract,
    extraction_date: date | None = None,
    *,
    replace_generated: bool = False,
    accept: Collection[str] = (),
    say: Say = silent,
) -> IngestCounts:
    """Bring an extract into the tables of a use case.

    Args:
        use_case: Declares columns, types and ranges.
        lakehouse: The tables; those that do not exist are made.
        extract: What to bring in.
        extraction_date: The day that the extract shows; older ones never overwrite newer rows.
            None: the day that the content was first shown as that of, else today, UTC. So are
            contents that a folder has, of which nobody named one, where they are known.
        replace_generated: Whether real rows may drop generated ones and start over.
        accept: Gates that let this extract pass, whatever they find.
        say: Told of each step as it ends.

    Returns:
        The counts.

    Raises:
        GateError: if the extract is refused: bronze has it, nothing else has changed.
        GeneratedRowsError: if generated and real rows would mix.
        LakehouseError: if another job is changing the tables, or bronze is of an older form.
    """
    with lakehouse.alone():
        keep_apart(lakehouse, extract, replace_generated=replace_generated)
        refuse_old_form(lakehouse)
        with step("bronze", say) as done:
            log, own, added = _bring(lakehouse, extract, extraction_date)
            done("lines added" if added else "these lines are there already")
        run = Run(use_case, lakehouse, log, own, extract.generated, say, accept)
        return _counts(run.bring_up(), lakehouse)


def ingest_again(
    use_case: UseCase, lakehouse: Lakehouse, *, accept: Collection[str] = (), say: Say = silent
) -> IngestCounts:
    """Make quarantine, silver and gold what the rules of now make of bronze's lines.

    Extracts that were refused are judged again; those that are refused still are left out, and
    those that were let in stay in.

    Args:
        use_case: Declares columns, types and ranges.
        lakehouse: The tables.
        accept: Gates that let extracts pass which were refused.
        say: Told of each step as it ends.

    Returns:
        The counts of all lines; good lines that are not the newest of their key are duplicates.

    Raises:
        GateError: if every extract is refused.
        SourceError: if there is no bronze.
        LakehouseError: if another job is changing the tables, or bronze is of an older form.
    """
    with lakehouse.alone():
        refuse_old_form(lakehouse)
        log = read_log(lakehouse.extracts)
        if not log.showings or not lakehouse.bronze.exists():
            raise SourceError(
                f"expected lines in bronze in {lakehouse.where}, found none; name a file to ingest"
            )
        generated = lakehouse.bronze.is_generated()
        run = Run(use_case, lakehouse, log, None, generated, say, accept)
        return _counts(run.bring_up(), lakehouse)


def _bring(lakehouse: Lakehouse, extract: Extract, day: date | None) -> tuple[Log, Showing, bool]:
    """Add the extract's lines to bronze, and that they were shown to the log.

    Returns:
        The log; the showing at hand; whether its lines were added.
    """
    now = datetime.now(UTC)
    if not lakehouse.bronze.exists():
        # No log outlasts its lines, and no verdict the log.
        lakehouse.quality.drop()
        lakehouse.extracts.drop()
    log = read_log(lakehouse.extracts)
    added = bring_lines(lakehouse.bronze, extract, now, log.layouts.get(extract.checksum))
    if day is None and extract.source == "table":
        day = log.day_of_table(extract.checksum, extract.origin, now.date())
    shown = log.day_of(extract.checksum, day, now.date(), extract.in_folder)
    log = record(lakehouse.extracts, log, extract, day, now)
    return log, log.of(extract.checksum, shown, extract.origin), added


def _counts(outcome: Outcome, lakehouse: Lakehouse) -> IngestCounts:
    counts = outcome.lines
    return IngestCounts(
        rows_read=counts.lines,
        inserted=outcome.inserted,
        updated=outcome.updated,
        unchanged=counts.keys - outcome.inserted - outcome.updated,
        duplicates=counts.duplicates,
        quarantined=counts.bad,
        table_version=lakehouse.gold.version(),
    )
