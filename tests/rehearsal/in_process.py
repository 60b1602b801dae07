"""Runs tasks' scripts in the tests' own process, on the tests' session: no JVM a task."""

import io
import os
import runpy
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from rehearsal.runners import Outcome


def in_process(
    program: Sequence[str],
    environment: Mapping[str, str],
    *,
    root: Path,
    home: Path,  # noqa: ARG001 - the session has its warehouse already
) -> Outcome:
    """Run a script as its own process would: as the main program, with all that it is given.

    Our jobs call `run_job` there, with their `parser()` and `main`; see `rehearsal.runners.Runner`.
    """
    told, said = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, environment, clear=True),
        patch.object(sys, "argv", list(program)),
        chdir(root),
        redirect_stdout(told),
        redirect_stderr(said),
    ):
        status = _status(program[0])
    sys.stderr.write(said.getvalue())
    text = told.getvalue() if status == 0 else said.getvalue()
    last = (text.strip().splitlines() or [""])[-1]
    return Outcome("failed" if status else "succeeded", told=last.strip())


def _status(script: str) -> int:
    """The exit status that a script's process would have."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
        return 1 if isinstance(end.code, str) else end.code or 0
    except Exception:
        traceback.print_exc()
        return 1
    return 0
