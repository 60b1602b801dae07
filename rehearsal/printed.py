"""A plan and the states of its tasks, as tables for people."""

import json
from collections.abc import Mapping, Sequence
from textwrap import fill

from rehearsal.bundle import Bundle
from rehearsal.plan import Task
from rehearsal.runners import Outcome

TOLD = 100
"""Characters of a task's last line that a table shows."""


def plan_table(bundle: Bundle, job: str, tasks: Sequence[Task]) -> str:
    """Variables, then the tasks in their order with what each runs."""
    variables = [f"  {name} = {_shortened(str(v))}" for name, v in bundle.variables.items()]
    blocks = [
        f"{number}. {task.key}{_waits(task)}, on {task.compute}\n" + _wrapped(_program(task))
        for number, task in enumerate(tasks, start=1)
    ]
    return "\n".join([f"{job} in {bundle.target}, with", *variables, *blocks])


def states_table(job: str, where: str, outcomes: Mapping[str, Outcome]) -> str:
    """Each task with its state, its seconds and its last line."""
    rows = [
        (key, o.state, f"{o.seconds:.1f}" if o.seconds else "", _shortened(_result(o.told)))
        for key, o in outcomes.items()
    ]
    return "\n".join([f"{job} in {where}", _table(("task", "state", "s", "told"), rows)])


def _result(told: str) -> str:
    """A job's answer without folders and settings, which would fill a row before its figures."""
    try:
        answer = json.loads(told)
    except ValueError:
        return told
    if not isinstance(answer, dict):
        return told
    figures = {key: value for key, value in answer.items() if not _is_aside(value)}
    return json.dumps(figures, ensure_ascii=False)


def _is_aside(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, str) and "/" in value)


def _waits(task: Task) -> str:
    waits = [f"{key} is {outcome}" if outcome else key for key, outcome in task.after.items()]
    return f" after {' and '.join(waits)}" if waits else ""


def _wrapped(text: str) -> str:
    return fill(text, TOLD, initial_indent="   ", subsequent_indent="     ", break_on_hyphens=False)


def _program(task: Task) -> str:
    work = task.work
    if task.kind == "condition_task":
        return f"{work.text('left')} {work.text('op')} {work.text('right')}"
    name = work.text("python_file") or work.text("entry_point")
    return " ".join([name, *(str(node.value) for node in work.list("parameters"))])


def _shortened(text: str) -> str:
    return text if len(text) <= TOLD else text[: TOLD - 1] + "…"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [head, tuple("-" * width for width in widths), *rows]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
