"""Trains on the gold table and registers the best model: spark-submit jobs/train.py."""

import argparse
from dataclasses import replace
from typing import Any

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.running.job import end, home_of, job_parser, run_job
from hitcast.running.session import get_session
from hitcast.training.options import TrainOptions, build_options
from hitcast.training.trainer import train

DECLARED = "declared"
"""What an option says that leaves it to conf/, where something has to be said, as in a bundle."""


def parser() -> argparse.ArgumentParser:
    """The job's options."""
    options = job_parser(__doc__ or "")
    options.add_argument(
        "--candidates", nargs="+", default=["all"], help="families to try (default: all)"
    )
    options.add_argument(
        "--search", choices=[DECLARED, "grid", "random", "tpe"], default=DECLARED,
        help="how to choose trials (default: as conf/ declares it)",
    )  # fmt: skip
    for name, what in (("trials", "of each family"), ("folds", "of the cross-validation")):
        told = f"{what} (default: {DECLARED}, as conf/ has it)"
        options.add_argument(f"--{name}", type=_number, default=DECLARED, help=told)
    options.add_argument("--seed", type=int, default=0, help="seed of folds, trials, estimators")
    options.add_argument("--table-version", type=int, help="gold's version (default: the newest)")
    options.add_argument("--mlflow-experiment", help="its name (default: called as the use case)")
    options.add_argument("--git-commit", default="", help="of the code, where it is no checkout")
    options.add_argument("--no-promote", action="store_true", help="leave it as staging")
    return options


def _number(told: str) -> int | str:
    """What is declared, or a number of one's own."""
    if told == DECLARED:
        return told
    try:
        return int(told)
    except ValueError:
        wanted = f"expected a whole number or {DECLARED}, got {told!r}"
        raise argparse.ArgumentTypeError(wanted) from None


def options_of(given: argparse.Namespace, use_case: UseCase) -> TrainOptions:
    """What is asked for, with what the use case declares where nothing is."""
    names = ("search", "trials", "folds", "seed", "table_version")
    asked = {name: getattr(given, name) for name in names}
    options = build_options(
        use_case,
        candidates=[] if given.candidates == ["all"] else given.candidates,
        promote=not given.no_promote,
        **{name: value for name, value in asked.items() if value != DECLARED},
    )
    return replace(options, commit=given.git_commit)


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Train as asked."""
    use_case = load_use_case(given.use_case)
    options = options_of(given, use_case)
    return train(get_session("hitcast train", debug=given.debug), use_case, home_of(given), options)


if __name__ == "__main__":
    end(run_job(parser(), main))
