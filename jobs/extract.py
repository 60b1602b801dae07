"""Reads the sites that conf/ permits into files of JSON Lines: python jobs/extract.py."""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.running.job import end, home_of, job_parser, run_job, say
from hitcast.sources.sites.extracting import Extraction


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument(
        "--site", nargs="+", action="extend", default=[], metavar="NAME",
        help="sites that conf/ declares (default: all with permitted: true)",
    )  # fmt: skip
    options.add_argument("--out", type=Path, help="folder (default: extracts/ in the home)")
    options.add_argument("--limit", type=_number, metavar="N", help="so many items of each site")
    return options


def _number(told: str) -> int:
    """A number of items."""
    if not told.isdecimal() or int(told) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {told!r}")
    return int(told)


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Read the sites that are named."""
    begun = time.perf_counter()
    use_case, home = load_use_case(given.use_case), home_of(given)
    folder = given.out or home.extracts
    extraction = Extraction(folder, datetime.now(UTC).date(), given.limit, say)
    counts = extraction.of(use_case, given.site)
    return {**counts, "seconds": round(time.perf_counter() - begun, 1)}


if __name__ == "__main__":
    end(run_job(parser(), main))
