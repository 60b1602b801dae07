"""What the benchmarks share: timed commands, a table, the machine in one line."""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Timed:
    """A finished command: wall seconds, and what its last line of stdout said."""

    seconds: float
    result: Any


def run_timed(command: Sequence[str | Path], **environment: str) -> Timed:
    """Run a command from the project's root, its stderr shown, and time it as a whole process.

    Raises:
        SystemExit: if the command fails.
    """
    started = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        | environment,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed with status {done.returncode}")
    lines = done.stdout.strip().splitlines()
    return Timed(seconds, json.loads(lines[-1]) if lines else None)


def train_home(home: Path, rows: int) -> None:
    """Put a model into a home: all families, trained on generated rows, in production."""
    words: list[str | Path] = ["--home", home]
    run_timed([sys.executable, "jobs/ingest.py", *words, "--twin", str(rows)])
    run_timed([sys.executable, "jobs/train.py", *words, "--trials", "1", "--folds", "2"])


def print_table(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows under a title as a Markdown table, numbers rounded."""
    names = list(rows[0])
    print(f"\n### {title}\n\n{machine()}\n")
    print("| " + " | ".join(names) + " |\n|" + "---|" * len(names))
    for row in rows:
        print("| " + " | ".join(_cell(row[name]) for name in names) + " |")
    print(flush=True)


def print_targets(checks: Sequence[tuple[str, float, float, bool]]) -> int:
    """Print what was measured beside what was wanted.

    Args:
        checks: What, measured, limit, and whether the limit is the most (else the least).

    Returns:
        The exit status: 1 if a target was missed.
    """
    rows: list[dict[str, object]] = [
        {
            "what": what,
            "measured": value,
            "wanted": f"{'at most' if at_most else 'at least'} {limit:,g}",
            "held": "yes" if (value <= limit) == at_most or value == limit else "NO",
        }
        for what, value, limit, at_most in checks
    ]
    print_table("Targets", rows)
    return int(any(row["held"] == "NO" for row in rows))


def machine() -> str:
    """The machine in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def peak_gib() -> float:
    """The largest memory that a finished child process held, in GiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
