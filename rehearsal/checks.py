"""What a job refers to: tasks, compute, files, the wheel, the scripts' own parameters."""

import re
from collections.abc import Iterator
from pathlib import Path

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.dynamic import Values, check_dynamic
from rehearsal.nodes import Node, read
from rehearsal.plan import Task, before, check_outcomes, order_tasks
from rehearsal.scripts import check_entry_point, check_parameters

WHEEL = re.compile(r"\.whl(\[[^]]*\])?$")
"""A wheel among dependencies, with or without extras."""
NOBODY = re.compile(r"@example\.(com|org)$|^0{8}-(0{4}-){3}0{12}$")
"""An address or an id that stands where somebody's has to be written."""


def check_job(bundle: Bundle, job: Node) -> Iterator[BundleError]:
    """Check every reference of a job.

    Yields:
        A problem for each that leads nowhere, and each parameter that its script would refuse.

    Raises:
        BundleError: if the tasks can't be put in an order.
    """
    tasks = order_tasks(job)
    by_key = {task.key: task for task in tasks}
    values = Values(job.text("name"), job_parameters(job))
    yield from check_outcomes(tasks)
    for task in tasks:
        dynamic = list(check_dynamic(task.node, values.parameters, before(task, by_key)))
        yield from dynamic
        yield from _check_compute(job, task)
        yield from _check_wheels(bundle, task.node)
        if task.kind == "spark_python_task":
            script = file_of(task.work.value["python_file"])
            if not script.is_file():
                yield _missing(task.work.value["python_file"], bundle)
            elif not dynamic:
                yield from check_parameters(script, task.work, values)
        elif task.kind == "python_wheel_task":
            yield from check_entry_point(bundle.root, task.work)
    for environment in job.list("environments"):
        yield from _check_wheels(bundle, environment)


def check_apps(bundle: Bundle) -> Iterator[BundleError]:
    """Check that each app has its folder, and an app.yaml that starts it in the same way."""
    for _, app in bundle.document.items("resources", "apps"):
        written = app.get("source_code_path")
        if written is None:
            yield app.place.error("expected source_code_path in an app, got none; name its folder")
            continue
        file = file_of(written) / "app.yaml"
        if not file.is_file():
            yield written.place.error(f"expected {written.value} to hold app.yaml, found none")
            continue
        own = read(bundle.root, str(file.resolve().relative_to(bundle.root.resolve())))
        command = app.get("config", "command")
        if command is not None and own.get("command") is not None:
            expected = own.value["command"].plain()
            if command.plain() != expected:
                yield command.place.error(
                    f"expected the command of {own.place.file}, {expected}; got {command.plain()}"
                )


def placeholders(bundle: Bundle) -> list[str]:
    """What nobody has set yet in a target that is for production: a sentence for each.

    A deployment takes these values; nobody hears of failures then, and no job runs.
    """
    if bundle.mode != "production":
        return []
    used = str([job.plain() for job in bundle.jobs.values()])
    return [
        f"{name} is still {value}, which is nobody's; set it for {bundle.target} in bundle.yml"
        for name, value in bundle.variables.items()
        if NOBODY.search(str(value)) and str(value) in used
    ]


def job_parameters(job: Node) -> dict[str, str]:
    """A job's parameters with their defaults."""
    return {p.text("name"): p.text("default") for p in job.list("parameters")}


def file_of(node: Node) -> Path:
    """The file or folder that a node names, from the file in which it stands."""
    return node.place.folder / str(node.value)


def _missing(node: Node, bundle: Bundle) -> BundleError:
    place = file_of(node).resolve()
    inside = place.is_relative_to(bundle.root.resolve())
    shown = place.relative_to(bundle.root.resolve()) if inside else place
    return node.place.error(f"expected a file at {shown}, found none; correct {node.value}")


def _check_compute(job: Node, task: Task) -> Iterator[BundleError]:
    """A condition needs no compute, everything else one of a job cluster and an environment."""
    named = {name: task.node.text(name) for name in ("job_cluster_key", "environment_key")}
    given = {name: key for name, key in named.items() if key}
    if len(given) != (task.kind != "condition_task"):
        expected = "no compute" if task.kind == "condition_task" else " or ".join(named)
        got = " and ".join(given) or "neither"
        yield task.node.place.error(f"expected {expected} for {task.key}, got {got}")
        return
    for name, key in given.items():
        whole = "job_clusters" if name == "job_cluster_key" else "environments"
        known = sorted(item.text(name) for item in job.list(whole))
        if key not in known:
            place = task.node.value[name].place
            yield place.error(f"expected one of the job's {whole}, {known}; got {key}")


def _check_wheels(bundle: Bundle, node: Node) -> Iterator[BundleError]:
    """Wheels have to be those that an artifact of the bundle builds."""
    built = [
        (bundle.root / artifact.text("path") / "dist").resolve()
        for _, artifact in bundle.document.items("artifacts")
    ]
    wheels = [library.get("whl") for library in node.list("libraries")]
    wheels += [d for d in node.list("spec", "dependencies") if WHEEL.search(str(d.value))]
    for wheel in wheels:
        if wheel is not None and file_of(wheel).parent.resolve() not in built:
            folders = [str(folder.relative_to(bundle.root.resolve())) for folder in built]
            yield wheel.place.error(
                f"expected a wheel that an artifact builds, in {folders}; got {wheel.value}"
            )
