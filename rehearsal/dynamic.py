"""References that a job resolves while it runs: `{{tasks.ingest.values.changed}}`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hitcast.errors import BundleError
from rehearsal.nodes import Node

DYNAMIC = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
FORMS = "job.parameters.NAME, job.name, job.start_time.iso_date, tasks.TASK.values.KEY"


@dataclass
class Values:
    """What a job's tasks can refer to while it runs.

    Attributes:
        job: The job's name.
        parameters: The job's parameters, by name.
        tasks: What each task has left, by task and key.
        begun: When the job started.
    """

    job: str
    parameters: Mapping[str, str]
    tasks: dict[str, dict[str, object]] = field(default_factory=dict)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))

    def fill(self, node: Node) -> str:
        """The node's text, with every reference replaced.

        Raises:
            BundleError: if a task has not left the value that is asked for.
        """
        return DYNAMIC.sub(lambda match: self._value(match[1], node), str(node.value))

    def _value(self, path: str, node: Node) -> str:
        match path.split("."):
            case ["job", "parameters", name]:
                return self.parameters[name]
            case ["job", "name"]:
                return self.job
            case ["job", "start_time", "iso_date"]:
                return self.begun.date().isoformat()
            case ["tasks", task, "values", key]:
                left = self.tasks.get(task, {})
                if key not in left:
                    raise node.place.error(
                        f"expected the task {task} to leave the value {key}, it left "
                        f"{sorted(left) or 'none'}; see hitcast.running.task_values.leave"
                    )
                return str(left[key])
        raise node.place.error(f"expected one of {FORMS}, got {{{{{path}}}}}")


def check_dynamic(
    node: Node, parameters: Mapping[str, str], before: set[str]
) -> Iterator[BundleError]:
    """Check the dynamic references in a node and below it.

    Args:
        node: A task, or a part of one.
        parameters: The job's parameters.
        before: The tasks that have run when this one starts.

    Yields:
        A problem for each reference that a rehearsal could not fill.
    """
    for leaf in node.walk():
        if not isinstance(leaf.value, str):
            continue
        for path in DYNAMIC.findall(leaf.value):
            match path.split("."):
                case ["job", "parameters", name]:
                    if name not in parameters:
                        yield leaf.place.error(
                            f"expected one of the job's parameters {sorted(parameters)}, got {name}"
                        )
                case ["tasks", task, "values", _]:
                    if task not in before:
                        yield leaf.place.error(
                            f"expected a task that runs before this one, among {sorted(before)}, "
                            f"got {task}; add it to depends_on"
                        )
                case ["job", "name"] | ["job", "start_time", "iso_date"]:
                    pass
                case _:
                    yield leaf.place.error(f"expected one of {FORMS}, got {{{{{path}}}}}")
