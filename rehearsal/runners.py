"""How the program of a task is run: by spark-submit, unless something else is handed in."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Protocol

from hitcast.running.environment import find_spark, java_options
from hitcast.running.job import say


@dataclass
class Outcome:
    """How a task ended.

    Attributes:
        state: succeeded, failed, interrupted, true, false, excluded, not run or not run here.
        seconds: How long it took.
        told: Its last line: what it did, or its error.
    """

    state: str
    seconds: float = 0.0
    told: str = ""


class Runner(Protocol):
    """Runs the program of a task and returns how it ended."""

    def __call__(
        self, program: Sequence[str], environment: Mapping[str, str], *, root: Path, home: Path
    ) -> Outcome:
        """Run a program to its end; what it says on stderr is shown.

        Args:
            program: A Python script and what it is given.
            environment: All its environment variables.
            root: The folder in which it runs.
            home: The rehearsal's own folder.
        """


def spark_submit(
    program: Sequence[str], environment: Mapping[str, str], *, root: Path, home: Path
) -> Outcome:
    """Run a program by spark-submit, with tables by name in `home`; see `Runner`."""
    return _run([*with_tables(home), *program], environment, root)


def plain_submit(
    program: Sequence[str],
    environment: Mapping[str, str],
    *,
    root: Path,
    home: Path,  # noqa: ARG001 - the program is told of it
) -> Outcome:
    """Run a program by spark-submit as it stands; see `Runner`."""
    return _run(["spark-submit", *program], environment, root)


def plain_python(
    program: Sequence[str],
    environment: Mapping[str, str],
    *,
    root: Path,
    home: Path,  # noqa: ARG001 - the program is told of it
) -> Outcome:
    """Run a program by Python alone, as serverless compute does; see `Runner`."""
    return _run([sys.executable, *program], environment, root)


def _run(command: Sequence[str], environment: Mapping[str, str], root: Path) -> Outcome:
    """Run a command to its end, its stderr shown as it comes."""
    process = subprocess.Popen(
        # What may be inherited is: the lock of a weekly run, which holds until its last task ends.
        command, close_fds=False, cwd=root, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    told = ""
    read: list[str] = []
    assert process.stdout is not None and process.stderr is not None
    # Both streams at once: a program whose stdout nobody takes stops at 64 KB of it.
    reader = Thread(target=lambda out: read.append(out.read()), args=[process.stdout], daemon=True)
    reader.start()
    try:
        for line in process.stderr:
            sys.stderr.write(line)
            told = line.strip() or told
        reader.join()
        result = "".join(read).strip().splitlines()
        status = process.wait()
    except BaseException:
        # Whoever is stopped stops what it has started, which leaves nothing half-written.
        process.terminate()
        process.wait()
        raise
    if status == 0:
        return Outcome("succeeded", told=result[-1] if result else "")
    # spark-submit pours a script's stderr into its stdout, unless it is one of our jobs.
    for line in result:
        say(line)
    return Outcome("failed", told=result[-1] if result else told)


def with_tables(home: Path) -> list[str]:
    """spark-submit, with tables by name in `home` that outlive a task."""
    settings = {
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={home / 'metastore'};create=true"
        ),
    }
    options = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    # Spark splits these at spaces, and reads quotes and backslashes as a shell does.
    place = str(home / "derby.log").replace("\\", "\\\\").replace('"', '\\"')
    log = f'"-Dderby.stream.error.file={place}"'
    # These take the place of the defaults that set-up wrote, so they hold them too.
    given = f"{java_options(find_spark())} {log}"
    return ["spark-submit", *options, "--driver-java-options", given]
