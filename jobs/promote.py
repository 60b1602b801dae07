"""Sets an alias by hand, or judges the staging version: python jobs/promote.py."""

import argparse
from functools import partial
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.errors import RegistryError
from hitcast.models.promotion import set_by_hand
from hitcast.models.registry import Registry
from hitcast.running.job import end, home_of, job_parser, run_job


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument("--version", type=int, help="the version that gets the alias")
    options.add_argument("--alias", help="any name, such as production, staging or test-1003")
    return options


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Set the alias, or judge."""
    use_case, home = load_use_case(given.use_case), home_of(given)
    registry = Registry(home, home.model(use_case.name))
    if (given.version is None) != (given.alias is None):
        raise RegistryError("expected --version and --alias together, or neither; got one of them")
    if given.version is not None:
        return set_by_hand(registry, given.version, given.alias)
    # An alias set by hand needs neither, and both take a while to import.
    from hitcast.running.session import get_session
    from hitcast.training.judge import judge_staging

    session = partial(get_session, "hitcast promote", debug=given.debug)
    return judge_staging(session, registry, use_case, home)


if __name__ == "__main__":
    end(run_job(parser(), main))
