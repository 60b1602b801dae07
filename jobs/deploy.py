"""Lets a serving endpoint of Databricks serve the version of an alias: python jobs/deploy.py."""

import argparse
from dataclasses import asdict
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.models.endpoint.choice import require_catalog, version_of
from hitcast.models.endpoint.deployment import Deployment
from hitcast.models.endpoint.workspace import Served
from hitcast.models.registry import PRODUCTION, Registry
from hitcast.running.job import end, home_of, job_parser, run_job


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument("--endpoint", required=True, help="the endpoint, made if there is none")
    options.add_argument("--alias", default=PRODUCTION, help="whose version (default: production)")
    options.add_argument("--workload-size", default="Small", help="Small, Medium or Large")
    options.add_argument("--always-on", action="store_true", help="awake when nobody asks, too")
    options.add_argument(
        "--seconds", type=float, default=1800, help="how long it may take; going back as long again"
    )
    return options


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Bring the alias' version to the endpoint."""
    use_case, home = load_use_case(given.use_case), home_of(given)
    model = home.model(use_case.name)
    require_catalog(home, model, given.alias)
    served, registry = Served(given.endpoint, given.seconds), Registry(home, model)
    number = version_of(registry, given.alias)
    deployment = Deployment(
        served, registry, use_case,
        workload_size=given.workload_size, always_on=given.always_on, seconds=given.seconds,
    )  # fmt: skip
    outcome = asdict(deployment.bring(number))
    names = {"endpoint": given.endpoint, "model": model, "version": number, "alias": given.alias}
    return {**names, **outcome}


if __name__ == "__main__":
    end(run_job(parser(), main))
