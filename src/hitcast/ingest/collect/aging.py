"""How long what was collected is kept: lines in tables for ever, segments thirty days, or as asked.

What happened to experiments stays: it is little, and older answers can't be judged without.

Segments that were collected are the tables' second copy. Moved back beside those that wait they are
collected once more, which makes tables that were lost.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hitcast.ingest.collect.collecting import TABLES, Logs
from hitcast.ingest.collect.segments import held, unusable
from hitcast.ingest.progress import Say, silent, step
from hitcast.running.log_files import COLLECTED, closed
from hitcast.tables.lakehouse import Lakehouse

SEGMENT_DAYS = 30
DAY = 86_400


def keep_days(
    lakehouse: Lakehouse, logs: Logs, days: int | None = None, *, say: Say = silent
) -> dict[str, int]:
    """Delete what is older: lines of answers and feedback by their date, and collected segments.

    Args:
        lakehouse: The use case's tables.
        logs: Where the segments lie.
        days: How many are kept, of whole days by UTC; None: all lines, and segments for 30 days.
        say: Told of what goes.

    Returns:
        How many `lines` and `segments` were deleted. Older versions of the tables have the lines
        for a week more.

    Raises:
        LakehouseError: if others are at it, or segments can't be deleted.
    """
    gone = {"lines": 0, "segments": 0}
    with lakehouse.alone(TABLES), step("kept", say) as done:
        for kind, folder in logs:
            with held(folder):
                age = (SEGMENT_DAYS if days is None else days) * DAY
                gone["segments"] += _delete_segments(folder / COLLECTED, age)
            table = kind.table(lakehouse)
            if days is not None and not kind.stays and table.exists():
                first = datetime.now(UTC).date() - timedelta(days=days)
                gone["lines"] += table.delete(f"date < DATE '{first.isoformat()}'")
                table.vacuum()
        done(f"{gone['lines']:,} lines and {gone['segments']:,} segments deleted")
    return gone


def _delete_segments(folder: Path, seconds: int) -> int:
    """Delete the segments that were last written so long ago; returns how many there were."""
    gone = 0
    for path in closed(folder):
        try:
            if time.time() - path.stat().st_mtime > seconds:
                path.unlink()
                gone += 1
        except OSError as error:
            raise unusable(path, error) from None
    return gone
