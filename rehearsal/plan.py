"""A job's tasks in the order in which they run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from hitcast.errors import BundleError
from rehearsal.nodes import Node

KINDS = ("spark_python_task", "python_wheel_task", "condition_task")
"""What a rehearsal can run."""
ALL_SUCCESS, NONE_FAILED = "ALL_SUCCESS", "NONE_FAILED"
CONDITIONS = (ALL_SUCCESS, NONE_FAILED)
"""Those `run_if` that a rehearsal knows: all succeeded; none failed, and one at least was run."""


@dataclass(frozen=True)
class Task:
    """One task of a job.

    Attributes:
        key: Its name.
        node: All of it.
        kind: Which of `KINDS` it is.
        after: The tasks that it waits for, with the outcome it wants of them ("" for success).
        run_if: What has to be true of them: one of `CONDITIONS`.
        retries: How often it is tried again when it fails.
    """

    key: str
    node: Node
    kind: str
    after: dict[str, str]
    run_if: str = ALL_SUCCESS
    retries: int = 0

    @property
    def work(self) -> Node:
        """What there is to do."""
        return self.node.value[self.kind]  # type: ignore[no-any-return]

    def is_wanted(self, states: Mapping[str, str]) -> bool:
        """Whether all that it waits for ended as it asks.

        Args:
            states: How each task ended: succeeded, true, false or excluded.
        """
        ended = {key: states[key] for key in self.after}
        if self.run_if == NONE_FAILED:
            return set(ended.values()) != {"excluded"}
        return all(state == (self.after[key] or "succeeded") for key, state in ended.items())

    @property
    def compute(self) -> str:
        """Where it runs on Databricks, for people."""
        if self.kind == "condition_task":
            return "no compute"
        return "serverless" if self.is_serverless else f"cluster {self._cluster}"

    @property
    def is_serverless(self) -> bool:
        """Whether it is a program that runs on serverless compute."""
        return self.kind != "condition_task" and not self._cluster

    @property
    def _cluster(self) -> str:
        return self.node.text("job_cluster_key")


def order_tasks(job: Node) -> list[Task]:
    """The tasks of a job, each after those that it waits for.

    Raises:
        BundleError: if a task is named twice or not at all, waits for one that does not exist, or
            for itself; or is of a kind that a rehearsal can't run.
    """
    tasks: dict[str, Task] = {}
    for node in job.list("tasks"):
        task = _task(node)
        if task.key in tasks:
            first = tasks[task.key].node.place
            raise node.place.error(f"expected {task.key} once, got it at {first} too; rename one")
        tasks[task.key] = task
    for dependency, task, other in _waits(tasks):
        if other not in tasks:
            raise dependency.place.error(
                f"expected {task.key} to wait for a task among {sorted(tasks)}, got {other}"
            )
    graph: TopologicalSorter[str] = TopologicalSorter({t.key: t.after for t in tasks.values()})
    try:
        ordered = list(graph.static_order())
    except CycleError as error:
        circle: list[str] = error.args[1]
        node = tasks[circle[0]].node
        raise node.place.error(
            f"expected tasks that end somewhere, got the circle {' -> '.join(circle)}; take one of "
            "its depends_on away"
        ) from None
    return [tasks[key] for key in ordered]


def before(task: Task, tasks: dict[str, Task]) -> set[str]:
    """The keys of all tasks that have run when `task` starts."""
    found: set[str] = set()
    for key in task.after:
        found |= {key} | before(tasks[key], tasks)
    return found


def _task(node: Node) -> Task:
    key = node.text("task_key")
    given = [name for name, _ in node.items() if name.endswith("_task")]
    if len(given) != 1 or given[0] not in KINDS:
        raise node.place.error(
            f"expected {key} to have one of {', '.join(KINDS)}, got {', '.join(given) or 'none'}"
        )
    after = {d.text("task_key"): d.text("outcome") for d in node.list("depends_on")}
    run_if = node.text("run_if") or ALL_SUCCESS
    if run_if not in CONDITIONS:
        raise node.get("run_if").place.error(  # type: ignore[union-attr]
            f"expected run_if to be one of {', '.join(CONDITIONS)}, got {run_if}"
        )
    return Task(key, node, given[0], after, run_if, int(node.text("max_retries") or 0))


def _waits(tasks: dict[str, Task]) -> Iterator[tuple[Node, Task, str]]:
    for task in tasks.values():
        for dependency in task.node.list("depends_on"):
            yield dependency, task, dependency.text("task_key")


def check_outcomes(tasks: list[Task]) -> Iterator[BundleError]:
    """Check that outcomes are asked of conditions, and of nothing else."""
    kinds = {task.key: task.kind for task in tasks}
    for dependency, task, other in _waits({t.key: t for t in tasks}):
        outcome, is_condition = task.after[other], kinds[other] == "condition_task"
        if is_condition and outcome not in ("true", "false"):
            yield dependency.place.error(
                f'expected outcome: "true" or "false" of the condition {other}, got '
                f"{outcome or 'none'}"
            )
        if outcome and not is_condition:
            yield dependency.place.error(f"expected no outcome of {other}, which is no condition")
