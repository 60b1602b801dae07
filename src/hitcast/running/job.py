"""What every job shares: common options, one JSON line at the end, errors in one line."""

import argparse
import json
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hitcast.errors import CatalogError, HitcastError, StoppedError
from hitcast.running.home import Home
from hitcast.running.interrupts import interruptible, was_interrupted
from hitcast.running.submitted import separate_stderr

INTERRUPTED = 130
"""Exit status of a job that was stopped by Ctrl-C or a TERM signal, as shells have it."""


class JobParser(argparse.ArgumentParser):
    """A parser that looks at its options together too.

    Attributes:
        checks: Each says what is wrong with the options, or None.
    """

    def __init__(self, description: str) -> None:
        super().__init__(description=description)
        self.checks: list[Callable[[argparse.Namespace], str | None]] = []

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, then check; `parse_args` goes through this too."""
        options, rest = super().parse_known_args(args, namespace)
        for told in filter(None, (check(options) for check in self.checks)):
            self.error(told)
        return options, rest


def job_parser(description: str) -> JobParser:
    """Build a parser with the options that all jobs take."""
    parser = JobParser(description)
    parser.add_argument("--use-case", default="spotify", help="a file in conf/ (default: spotify)")
    parser.add_argument("--home", help="folder of all state (default: HITCAST_HOME, else here)")
    parser.add_argument("--catalog", help="catalog of tables and models (default: the home folder)")
    parser.add_argument("--schema", help="schema in that catalog")
    parser.add_argument("--model", help="registered model (default: called as the use case)")
    parser.add_argument("--debug", action="store_true", help="show the stack trace of an error")
    return parser


def home_of(options: argparse.Namespace) -> Home:
    """The home that a job's options name.

    Raises:
        CatalogError: if they name a catalog without a schema, or the other way round.
    """
    if (options.catalog is None) != (options.schema is None):
        raise CatalogError(
            "expected --catalog and --schema together, or neither; got --catalog "
            f"{options.catalog} and --schema {options.schema}"
        )
    schema = f"{options.catalog}.{options.schema}" if options.catalog else None
    experiment = getattr(options, "mlflow_experiment", None)  # Not all jobs have one.
    names = {"schema": schema, "model_name": options.model, "experiment_name": experiment}
    return Home.resolve(options.home, **names)


def run_job(
    parser: argparse.ArgumentParser,
    main: Callable[[argparse.Namespace], Mapping[str, Any]],
    arguments: Sequence[str] | None = None,
) -> int:
    """Run `main` and print what it returns as the last line of stdout.

    Args:
        parser: The job's own parser, made by `job_parser`.
        main: The job; takes the parsed options, returns what the JSON line holds.
        arguments: The command line; `sys.argv` if not given.

    Returns:
        The exit status: 0, 1 after an error (told in one line on stderr; what
        was done before it in the last line of stdout, if it says), 130 when interrupted.
    """
    separate_stderr()
    options = parser.parse_args(arguments)
    with interruptible():
        try:
            result = main(options)
        except (KeyboardInterrupt, Exception) as error:
            if options.debug:
                traceback.print_exc()
            if isinstance(error, KeyboardInterrupt) or was_interrupted():
                say("interrupted: nothing was left half-written; run the same command again")
                return INTERRUPTED
            say(explain(error))
            if isinstance(error, StoppedError):
                print(json.dumps(error.result), flush=True)  # noqa: T201 - the contract of a job
            return 1
    print(json.dumps(result), flush=True)  # noqa: T201 - the contract of a job
    return 0


def end(status: int) -> None:
    """Exit with `status` unless it is 0: Databricks takes any exit of a script for a failure."""
    if status:
        sys.exit(status)


def say(text: str) -> None:
    """Tell the user something on stderr, in one line."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def explain(error: BaseException) -> str:
    """One line for an error; what is not ours names its kind and how to see more."""
    if isinstance(error, HitcastError):
        return f"error: {error}"
    kind, told = type(error).__name__, str(error)
    cause = getattr(error, "java_exception", None)
    while cause is not None:
        # py4j's own text only says which call failed; the innermost cause says why.
        kind, told = str(cause.getClass().getSimpleName()), str(cause.getMessage() or "")
        cause = cause.getCause()
    lines = [line.strip() for line in told.splitlines() if line.strip()] or ["no message"]
    # A Python worker's error is told by its traceback's last line.
    text = lines[0] if "Traceback" not in told else _last_of_traceback(lines)
    return f"error: {kind}: {text} (add --debug for the stack trace)"


def first_line(error: Exception) -> str:
    """The first line of what an error says, or else its kind."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _last_of_traceback(lines: list[str]) -> str:
    told = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Interrupt)\b", line)]
    return told[-1] if told else lines[-1]
