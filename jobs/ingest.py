"""Brings an extract into bronze, quarantine, silver and gold: spark-submit jobs/ingest.py."""

import argparse
import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.ingest import ingest, ingest_again, ingest_each, tell_days
from hitcast.ingest.accepting import add_accept_option, tell_idle
from hitcast.running.job import end, home_of, job_parser, run_job, say
from hitcast.running.lazy_session import lazy
from hitcast.running.session import get_session
from hitcast.running.task_values import somebody_waits
from hitcast.sources.choose import choose_extracts
from hitcast.sources.options import add_extract_options
from hitcast.tables.lakehouse import Lakehouse


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    add_extract_options(options)
    add_accept_option(options)
    return options


def main(options: argparse.Namespace) -> Mapping[str, Any]:
    """Ingest what the options name."""
    begun = time.perf_counter()
    use_case = load_use_case(options.use_case)
    home = home_of(options)
    tell_idle(options.accept, use_case, say)
    session = partial(get_session, "hitcast-ingest", debug=options.debug)
    extracts = []
    if not options.from_bronze:
        extracts = choose_extracts(use_case, home, options, session)
    # Without Spark, where there is nothing to do.
    lakehouse = Lakehouse(lazy(session), home.lakehouse, use_case.name, home.schema)
    if not extracts:
        what: dict[str, Any] = {"source": "bronze", "file": lakehouse.bronze.place}
        counts = ingest_again(use_case, lakehouse, accept=options.accept, say=say)
    else:
        names = [extract.name for extract in extracts]
        what = {"source": extracts[0].source, "file": names if len(names) > 1 else names[0]}
        day, replace = options.extraction_date, options.replace_generated
        tell_days(extracts, lakehouse, day, say)
        rest = {"extraction_date": day, "replace_generated": replace, "say": say}
        bring = partial(ingest, use_case, lakehouse, **rest)
        counts = ingest_each(extracts, bring, options.accept, say)
    if somebody_waits():
        # The registry's client takes seconds to import.
        from hitcast.models.due import leave_due

        leave_due(home, home.model(use_case.name), lakehouse.gold)
    seconds = round(time.perf_counter() - begun, 1)
    generated = lakehouse.gold.is_generated()
    return {**what, "generated": generated, **asdict(counts), "seconds": seconds}


if __name__ == "__main__":
    end(run_job(parser(), main))
