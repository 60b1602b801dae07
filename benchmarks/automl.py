"""FLAML as a peer, in an environment of its own: it needs an older XGBoost than the jobs have."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers import Array, Rows
from benchmarks.table import ROOT

ENVIRONMENT = ROOT / ".venv-automl"
LOCK = ROOT / "benchmarks/automl.lock"
"""Of pyproject's group `automl`, by `make lock`."""
METRIC = "ap"
"""What FLAML selects by: average precision, which decides here too."""


def flaml(train: Rows, test: Rows, seconds: float, metric: str = METRIC) -> Array:
    """P(label = 1) of the test rows, by FLAML's stacked ensemble over five folds.

    Args:
        train: What it is fitted on.
        test: What is scored.
        seconds: Its budget.
        metric: One of FLAML's, to select by.
    """
    python = _environment()
    parts = (
        part.inputs.assign(label=part.label, is_test=int(part is test)) for part in (train, test)
    )
    with tempfile.TemporaryDirectory() as scratch:
        rows, probabilities = Path(scratch, "rows.csv"), Path(scratch, "probabilities.npy")
        pd.concat(parts).to_csv(rows, index=False)
        script = ROOT / "benchmarks/automl_fit.py"
        _run(python, script, rows, probabilities, f"{seconds:g}", metric)
        return np.asarray(np.load(probabilities), dtype=float)


def _environment() -> Path:
    """FLAML's Python, set up where it is missing or older than the lock."""
    python, done = ENVIRONMENT / "bin/python", ENVIRONMENT / "set-up.done"
    if not (done.is_file() and done.stat().st_mtime >= LOCK.stat().st_mtime):
        uv = Path(sys.executable).with_name("uv")
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, ENVIRONMENT)
        lock = ("--require-hashes", "-r", LOCK)
        _run(uv, "pip", "install", "--quiet", "--python", python, *lock)
        done.touch()
    return python


def _run(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], cwd=ROOT, stdout=sys.stderr)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed with status {done.returncode}")
