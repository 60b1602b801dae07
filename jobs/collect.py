"""Brings what the API logged into tables, and erases units there: python jobs/collect.py."""

import argparse
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.errors import StoppedError
from hitcast.ingest.collect import Logs, collect, count_outcomes, erase, keep_days
from hitcast.running.job import end, home_of, job_parser, run_job, say
from hitcast.running.lazy_session import lazy
from hitcast.running.session import get_session
from hitcast.tables.lakehouse import Lakehouse


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument(
        "--from",
        dest="folder",
        type=Path,
        help="folder of segments, with others in feedback/ and experiments/ (default: the home's)",
    )
    options.add_argument("--keep-days", type=int, help="delete older lines and segments")
    options.add_argument(
        "--late-after",
        type=float,
        metavar="DAYS",
        help="from when on an outcome counts as late",
    )
    options.add_argument("--erase", metavar="UNIT", help="erase all lines of the unit instead")
    options.checks.append(_wrong_together)
    return options


def main(options: argparse.Namespace) -> Mapping[str, Any]:
    """Collect, or erase."""
    begun = time.perf_counter()
    use_case, home = load_use_case(options.use_case), home_of(options)
    session = partial(get_session, "hitcast-collect", debug=options.debug)
    lakehouse = Lakehouse(lazy(session), home.lakehouse, use_case.name, home.schema)
    logs = Logs.of(home, options.folder)
    told: dict[str, Any] = {}
    if options.erase is not None:
        told["erased"] = asdict(erase(lakehouse, home, logs, options.erase, say=say))
    else:
        found = collect(lakehouse, home, logs, say=say)
        told = {name: asdict(counts) for name, counts in found.items()}
        told["deleted"] = keep_days(lakehouse, logs, options.keep_days, say=say)
        within = None if options.late_after is None else timedelta(days=options.late_after)
        told["outcomes"] = count_outcomes(lakehouse, within)
    tables = (lakehouse.inference_log, lakehouse.feedback, lakehouse.experiments)
    told["table_versions"] = {t.name: t.version() if t.exists() else None for t in tables}
    told["seconds"] = round(time.perf_counter() - begun, 1)
    if options.erase is not None and (still := told["erased"]["open"]):
        raise StoppedError(
            f"{still} lines of this unit are in segments that an API was writing, and stay; the "
            "rest is erased; run again when the API has closed its segments: when it ends, or by "
            "HITCAST_LOG_SEGMENT_SECONDS",
            told,
        )
    return told


def _wrong_together(options: argparse.Namespace) -> str | None:
    days = [options.keep_days, options.late_after]
    if options.erase is not None and days != [None, None]:
        return "expected --erase UNIT without --keep-days and --late-after"
    wrong = [number for number in days if number is not None and number <= 0]
    return f"expected more than 0 days, got {wrong[0]}" if wrong else None


if __name__ == "__main__":
    end(run_job(parser(), main))
