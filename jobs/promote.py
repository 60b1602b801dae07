"""Judges the staging version, sets an alias by hand, rolls back: python jobs/promote.py."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.errors import RegistryError
from hitcast.models.by_hand import roll_back, set_by_hand, write_moves
from hitcast.models.exporting import export_production, export_where_named
from hitcast.models.registry import Registry
from hitcast.running.job import end, home_of, job_parser, run_job


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument("--version", type=int, help="the version that gets the alias")
    options.add_argument("--alias", help="any name, such as production, staging or test-1003")
    options.add_argument("--rollback", action="store_true", help="production is what previous is")
    options.add_argument("--experiment", help="judge the version that has won it on live traffic")
    options.add_argument("--why", help="why that is done, for alias_history")
    options.add_argument("--export", type=Path, help="a folder for production's scorer, as files")
    return options


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Set the alias, go back, export, or judge."""
    use_case, home = load_use_case(given.use_case), home_of(given)
    registry = Registry(home, home.model(use_case.name))
    if (given.version is None) != (given.alias is None) or (given.rollback and given.alias):
        raise RegistryError("expected --version and --alias together, or --rollback, or neither")
    if given.experiment is not None and (given.rollback or given.alias or given.export):
        raise RegistryError("expected --experiment alone, or --rollback, --alias and --export")
    if given.why is not None and not (given.rollback or given.alias):
        raise RegistryError("expected --why with --rollback or --alias; a judgement has its own")
    if given.rollback or given.alias:
        if given.rollback:
            told = roll_back(registry, given.why)
        else:
            told = set_by_hand(registry, given.version, given.alias, given.why)
        export_where_named(registry, home, use_case)
        if given.export is not None:
            told = export_production(registry, given.export, told)
        # Last: an alias does not wait for Spark, and until there is a row of it, the same command
        # given again goes nowhere else.
        write_moves(registry, use_case, home, debug=given.debug)
        return told
    if given.export is None:
        from hitcast.running.session import get_session
        from hitcast.training.judge import judge_staging, judge_winner

        session = partial(get_session, "hitcast promote", debug=given.debug)
        if given.experiment is not None:
            return judge_winner(session, registry, use_case, home, given.experiment)
        return judge_staging(session, registry, use_case, home)
    return export_production(registry, given.export)


if __name__ == "__main__":
    end(run_job(parser(), main))
