"""Rehearses a job of the bundle here: python -m rehearsal --target dev --job weekly."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hitcast.errors import BundleError
from hitcast.running.job import say
from rehearsal.bundle import Bundle, assigned, load_bundle, problems
from rehearsal.checks import check_apps, check_job, placeholders
from rehearsal.connect import Serverless, server
from rehearsal.plan import order_tasks
from rehearsal.policies import check_policies
from rehearsal.printed import plan_table, states_table
from rehearsal.run import Rehearsal
from rehearsal.runners import Runner, spark_submit

STAND_INS = {"catalog": "spark_catalog"}
"""Values of variables that only a workspace has: Spark's own catalog is the one that is here."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    options = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    options.add_argument("--target", default="dev", help="a target of the bundle (default: dev)")
    options.add_argument("--job", help="a job of the bundle (default: check all, run none)")
    options.add_argument("--dry-run", action="store_true", help="check and show the plan alone")
    options.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="set a variable"
    )
    options.add_argument(
        "--bundle",
        type=Path,
        default=Path("."),
        help="its folder (default: .); run this from the checkout's root",
    )
    options.add_argument(
        "--home", type=Path, help="folder that keeps what the job makes (default: a fresh one)"
    )
    options.add_argument(
        "--connect",
        nargs="?",
        const="",
        metavar="REMOTE",
        help="tasks on serverless compute run over Spark Connect: on a server that this starts, or "
        "on REMOTE (sc://HOST:PORT)",
    )
    return options


def main(arguments: Sequence[str] | None = None, runner: Runner = spark_submit) -> int:
    """Check the bundle, then run one job of it, or show its plan; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        bundle = _checked(options)
        if options.job is None:
            print(f"{', '.join(sorted(bundle.jobs))}: nothing wrong in {bundle.target}")  # noqa: T201
            return 0
        job = bundle.job(options.job)
        if options.dry_run:
            print(plan_table(bundle, options.job, order_tasks(job)))  # noqa: T201
            return 0
    except BundleError as error:
        say(f"error: {error}")
        return 1
    home = (options.home or Path(tempfile.mkdtemp(prefix="rehearsal-"))).resolve()
    try:
        with _serverless(options.connect, home) as serverless:
            rehearsal = Rehearsal(bundle.root, home, job, runner, serverless=serverless)
            passed = rehearsal.run()
    except BundleError as error:
        say(f"error: {error}")
        return 1
    print(states_table(options.job, bundle.target, rehearsal.outcomes))  # noqa: T201
    if not passed:
        say(next(o.told for o in rehearsal.outcomes.values() if o.state == "failed"))
        say(f"what it made is in {home}")
    elif options.home is None:
        shutil.rmtree(home, ignore_errors=True)
    return 0 if passed else 1


@contextmanager
def _serverless(connect: str | None, home: Path) -> Iterator[Runner | None]:
    """What runs the tasks on serverless compute; None: what runs the others."""
    if connect is None:
        yield None
    elif connect:
        yield Serverless(connect)
    else:
        with server(home) as remote:
            yield Serverless(remote)


def _checked(options: argparse.Namespace) -> Bundle:
    given = {**STAND_INS, **assigned(options.var)}
    bundle = load_bundle(options.bundle.resolve(), options.target, given)
    problems(check_apps(bundle))
    for job in bundle.jobs.values():
        problems(check_job(bundle, job))
    problems(check_policies(bundle, lambda target: load_bundle(bundle.root, target, given)))
    for told in placeholders(bundle):
        say(f"warning: {told}")
    return bundle


if __name__ == "__main__":
    sys.exit(main())
