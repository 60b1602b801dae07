"""Judges an experiment by the collected log and feedback: python jobs/experiment.py --name NAME."""

import argparse
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.experiments.declared import declaration_of
from hitcast.experiments.reporting import report
from hitcast.ingest.collect.outcomes import outcomes
from hitcast.running.job import end, home_of, job_parser, run_job, say
from hitcast.running.session import get_session
from hitcast.tables.lakehouse import Lakehouse


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument(
        "--name", required=True, help="as the API was told, or in conf/experiments/"
    )
    options.add_argument("--planned-units", type=int, help="in both arms, to tell the power with")
    options.add_argument("--mlflow-experiment", help="its name (default: called as the use case)")
    options.checks.append(_no_units)
    return options


def _no_units(options: argparse.Namespace) -> str | None:
    planned = options.planned_units
    return None if planned is None or planned > 0 else f"expected units to plan, got {planned}"


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Report on the experiment."""
    use_case, home = load_use_case(given.use_case), home_of(given)
    spark = get_session("hitcast experiment", debug=given.debug)
    lakehouse = Lakehouse(spark, home.lakehouse, use_case.name, home.schema)
    experiment = declaration_of(lakehouse, given.name, say)
    return report(spark, use_case, home, experiment, outcomes, planned=given.planned_units)


if __name__ == "__main__":
    end(run_job(parser(), main))
