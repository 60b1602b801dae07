"""Trains on the gold table and registers the best model: spark-submit jobs/train.py."""

import argparse
from dataclasses import replace
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.running.job import end, home_of, job_parser, run_job
from hitcast.running.session import get_session
from hitcast.training.options import build_options
from hitcast.training.trainer import train


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument(
        "--candidates", nargs="+", default=["all"], help="families to try (default: all)"
    )
    options.add_argument("--search", choices=["grid", "random", "tpe"], help="how to choose trials")
    options.add_argument("--trials", type=int, help="trials of each family")
    options.add_argument("--folds", type=int, help="folds of the cross-validation")
    options.add_argument("--seed", type=int, default=0, help="seed of folds, trials, estimators")
    options.add_argument("--table-version", type=int, help="gold's version (default: the newest)")
    options.add_argument("--experiment", help="of MLflow (default: called as the use case)")
    options.add_argument("--git-commit", default="", help="of the code, where it is no checkout")
    options.add_argument("--no-promote", action="store_true", help="leave it as staging")
    return options


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Train as asked."""
    use_case = load_use_case(given.use_case)
    names = ("search", "trials", "folds", "seed", "table_version")
    options = build_options(
        use_case,
        candidates=[] if given.candidates == ["all"] else given.candidates,
        promote=not given.no_promote,
        **{name: getattr(given, name) for name in names},
    )
    options = replace(options, commit=given.git_commit)
    return train(get_session("hitcast train", debug=given.debug), use_case, home_of(given), options)


if __name__ == "__main__":
    end(run_job(parser(), main))
