"""The jobs as users run them, in processes of their own, or here, on the tests' session."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from hitcast.running.job import run_job
from tests.conftest import ROOT

BIN = Path(sys.executable).parent


def activated(**more: str) -> dict[str, str]:
    """The environment that `source .venv/bin/activate` makes, with what the tests add."""
    drop = {"PYSPARK_SUBMIT_ARGS", "PYSPARK_PYTHON", "MLFLOW_TRACKING_URI", "HITCAST_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "PATH": f"{BIN}:{kept['PATH']}", "VIRTUAL_ENV": str(BIN.parent), **more}


def run(
    *command: str | Path, status: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command from the project's root and check its exit status."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=activated(**environment),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == status, done.stderr[-3000:]
    return done


def last_line(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON object that a job ends with."""
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def status_here(job: ModuleType, *words: str | Path) -> int:
    """Run a job in this process; returns its exit status."""
    return run_job(job.parser(), job.main, [str(word) for word in words])


def last_line_here(job: ModuleType, *words: str | Path) -> dict[str, Any]:
    """Run a job in this process, where it has to succeed; returns its last line."""
    with redirect_stdout(StringIO()) as told:
        assert status_here(job, *words) == 0
    found: dict[str, Any] = json.loads(told.getvalue().splitlines()[-1])
    return found
