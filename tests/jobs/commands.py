"""The jobs as users run them: other processes, from the activated environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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
