"""A job's tasks, run one after the other.

What only a workspace has is replaced: a volume by a folder of the rehearsal, a catalog of Unity
Catalog by Spark's own with a Hive metastore in that folder, task values by a file a task.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hitcast.errors import BundleError
from hitcast.running.job import say
from hitcast.running.task_values import FILE
from rehearsal.checks import file_of, job_parameters
from rehearsal.dynamic import Values
from rehearsal.nodes import Node
from rehearsal.plan import Task, order_tasks
from rehearsal.runners import Outcome, Runner, spark_submit

VOLUMES = "/Volumes/"
OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "EQUAL_TO": lambda left, right: left == right,
    "NOT_EQUAL": lambda left, right: left != right,
    "GREATER_THAN": lambda left, right: float(left) > float(right),
    "GREATER_THAN_OR_EQUAL": lambda left, right: float(left) >= float(right),
    "LESS_THAN": lambda left, right: float(left) < float(right),
    "LESS_THAN_OR_EQUAL": lambda left, right: float(left) <= float(right),
}
"""Databricks compares as text for (not) equal, and as numbers for the others."""
WORKSPACE_ONLY = {"--endpoint": "a serving endpoint is of a workspace"}
"""Options of tasks that nothing here stands in for, and why; such a task is not run."""
NOT_HERE = "not run here"
ELSEWHERE = ("HITCAST_HOME", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "SPARK_REMOTE")
"""Variables that would lead a rehearsal to what is real."""


@dataclass
class Rehearsal:
    """One run of a job.

    Attributes:
        root: The bundle's folder, in which tasks run.
        home: The rehearsal's own folder.
        job: The job.
        runner: Runs the tasks' programs.
        serverless: Runs those of tasks that run serverless, if another does.
        retries: Whether a task that fails is tried again as often as the job says.
        outcomes: How each task ended; all of them are there after `run`.
    """

    root: Path
    home: Path
    job: Node
    runner: Runner = spark_submit
    retries: bool = False
    serverless: Runner | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """Where the tasks' values lie."""
        return self.home

    def run(self) -> bool:
        """Run the tasks, until one fails; returns whether none did."""
        values = Values(self.job.text("name"), job_parameters(self.job))
        tasks = order_tasks(self.job)
        for task in tasks:
            if not task.is_wanted({key: found.state for key, found in self.outcomes.items()}):
                self.outcomes[task.key] = Outcome("excluded")
                continue
            say(f"== {task.key}")
            self.outcomes[task.key] = outcome = Outcome("interrupted")
            begun = time.monotonic()
            try:
                outcome = self._tried(task, values)
            finally:
                outcome.seconds = time.monotonic() - begun
                self.outcomes[task.key] = outcome
                if outcome.state in ("failed", "interrupted"):
                    rest = {t.key: Outcome("not run") for t in tasks if t.key not in self.outcomes}
                    self.outcomes |= rest
            if outcome.state == "failed":
                return False
        return True

    def _tried(self, task: Task, values: Values) -> Outcome:
        """Run a task, again where it fails and the job says so."""
        outcome = self._run(task, values)
        for attempt in range(task.retries if self.retries else 0):
            if outcome.state != "failed":
                break
            say(f"{task.key} failed: {outcome.told}; attempt {attempt + 2}")
            outcome = self._run(task, values)
        return outcome

    def _run(self, task: Task, values: Values) -> Outcome:
        try:
            if task.kind == "condition_task":
                return _decide(task.work, values)
            if reason := not_here(task):
                return Outcome(NOT_HERE, told=reason)
            program = self._program(task, values)
        except BundleError as error:
            return Outcome("failed", told=str(error))
        left = self.scratch / "values" / f"{task.key}.json"
        left.parent.mkdir(parents=True, exist_ok=True)
        left.unlink(missing_ok=True)
        runner = (self.serverless if task.is_serverless else None) or self.runner
        outcome = runner(program, self.environment(left), root=self.root, home=self.home)
        if left.exists():
            values.tasks[task.key] = json.loads(left.read_text(encoding="utf-8"))
        return outcome

    def _program(self, task: Task, values: Values) -> list[str]:
        given = self.given([values.fill(node) for node in task.work.list("parameters")])
        if task.kind == "spark_python_task":
            return [str(file_of(task.work.value["python_file"])), *given]
        launcher = Path(__file__).with_name("launcher.py")
        names = [task.work.text(name) for name in ("package_name", "entry_point")]
        return [str(launcher), *names, *given]

    def given(self, parameters: Sequence[str]) -> list[str]:
        """What a task is given here: its parameters, with volumes in the rehearsal's folder."""
        return [self._here(parameter) for parameter in parameters]

    def environment(self, left: Path) -> dict[str, str]:
        """The variables of a task that leaves its values in a file `left`."""
        kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
        return activated(kept, left)

    def _here(self, parameter: str) -> str:
        option, equals, path = parameter.rpartition("=")
        return (
            option + equals + str(self.home / path[1:]) if path.startswith(VOLUMES) else parameter
        )


def not_here(task: Task) -> str:
    """Why a task can't be run without a workspace; nothing where it can."""
    given = [str(node.value) for node in task.work.list("parameters")]
    reasons = (reason for option, reason in WORKSPACE_ONLY.items() if option in given)
    return next(reasons, "")


def activated(kept: Mapping[str, str], left: Path) -> dict[str, str]:
    """Variables with which a task finds our environment's programs and leaves its values."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, "PATH": path, FILE: str(left)}


def _decide(work: Node, values: Values) -> Outcome:
    left, right = (values.fill(work.value[side]) for side in ("left", "right"))
    operator = work.text("op")
    try:
        holds = OPERATORS[operator](left, right)
    except ValueError:
        raise work.place.error(
            f"expected numbers for {operator}, got {left!r} and {right!r}"
        ) from None
    return Outcome(str(holds).lower(), told=f"{left} {operator} {right}")
