"""The bundle's weekly job on the home folder, without Databricks: python -m rehearsal.weekly.

The same graph: order, conditions, task values and retries are those of `resources/weekly.job.yml`.
Tables, models and files are where jobs have them without any option. What is done already is not
done again, so that a run after one that failed or was stopped goes on where that one ended.
"""

import argparse
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hitcast.errors import BundleError
from hitcast.running.home import Home
from hitcast.running.interrupts import interruptible
from hitcast.running.job import INTERRUPTED, say
from rehearsal.bundle import assigned, load_bundle, problems
from rehearsal.checks import check_job
from rehearsal.nodes import Node
from rehearsal.printed import states_table
from rehearsal.run import Rehearsal, activated
from rehearsal.runners import Runner, plain_submit

ROOT = Path(__file__).resolve().parents[1]
JOB, TARGET = "weekly", "prod"
WORKSPACE = ("--catalog", "--schema", "--model", "--mlflow-experiment", "--secret-scope")
"""Options that name what a workspace has; without them a job takes what the home folder has."""
LOCK = ".weekly.lock"


@dataclass
class Weekly(Rehearsal):
    """A run of the job on the home folder."""

    retries: bool = True
    values: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="weekly-")))

    @property
    def scratch(self) -> Path:
        """Where the tasks' values lie: they are of this run alone."""
        return self.values

    def given(self, parameters: Sequence[str]) -> list[str]:
        """What a task is given: its parameters, with the home folder in the workspace's place."""
        found: list[str] = []
        rest = iter(parameters)
        for parameter in rest:
            if parameter in WORKSPACE:
                next(rest)
            elif parameter == "--home":
                next(rest)
                found += [parameter, str(self.home)]
            else:
                found.append(parameter)
        return found

    def environment(self, left: Path) -> dict[str, str]:
        """The variables of a task: the caller's own."""
        return activated(os.environ, left)


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    options = argparse.ArgumentParser(prog="python -m rehearsal.weekly", description=__doc__)
    options.add_argument("--extract", help="where rows come from, such as --csv=FILE or --kaggle")
    options.add_argument("--use-case", default="spotify", help="a file in conf/ (default: spotify)")
    options.add_argument("--home", help="folder of all state (default: HITCAST_HOME, else here)")
    options.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="set a variable"
    )
    return options


def main(arguments: Sequence[str] | None = None, runner: Runner = plain_submit) -> int:
    """Run the weekly job on the home folder; returns the exit status."""
    options = parser().parse_args(arguments)
    home = Home.resolve(options.home).folder
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / LOCK).open("a")
    except OSError as error:
        say(f"error: expected a home folder that can be written to, got {home}: {error.strerror}")
        return 1
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.set_inheritable(lock.fileno(), True)
        except BlockingIOError:
            say(f"error: another weekly run is at work in {home}; wait until it has ended")
            return 1
        except OSError:
            pass  # No locks on this file system, so nobody can tell.
        try:
            run = Weekly(ROOT, home, _job(options), runner)
        except BundleError as error:
            say(f"error: {error}")
            return 1
        try:
            with interruptible():
                passed = run.run()
        except KeyboardInterrupt:
            print(states_table(JOB, str(home), run.outcomes))  # noqa: T201
            say("interrupted: what was done stays; run the same command again to go on")
            return INTERRUPTED
        finally:
            shutil.rmtree(run.values, ignore_errors=True)
    print(states_table(JOB, str(home), run.outcomes))  # noqa: T201
    if not passed:
        say(next(o.told for o in run.outcomes.values() if o.state == "failed"))
        say("what was done stays; once the cause is gone, the same command goes on from there")
    return 0 if passed else 1


def _job(options: argparse.Namespace) -> Node:
    """The job, once its scripts' own parsers took what they will be given.

    What is mistyped is told here, before any task is begun, and not tried again and again.
    """
    given = {"use_case": options.use_case, **assigned(options.var)}
    if options.extract:
        given["extract"] = options.extract
    bundle = load_bundle(ROOT, TARGET, given)
    job = bundle.job(JOB)
    problems(check_job(bundle, job))
    return job


if __name__ == "__main__":
    sys.exit(main())
