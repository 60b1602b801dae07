"""Policies about serverless compute, and about a workspace that has nothing else."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.checks import WHEEL, file_of
from rehearsal.nodes import Node
from rehearsal.plan import Task, order_tasks
from rehearsal.scripts import load_parser

FREE = "free"
"""The target for Databricks' Free Edition."""
APPS = 3
"""Apps that a Free Edition has: "Databricks Free Edition limitations", September 2026."""
SPARK_ML = 4
"""The first environment with Spark ML: "Serverless environment version 4"."""
ENVIRONMENTS = {"4": "4.0", "5": "4.1", "6": "4.2"}
"""Spark by environment: "Serverless environment versions", by its release of Databricks Connect."""
UNKNOWN = "that nobody here knows"
CLIENTS = re.compile(r"^(pyspark|delta-spark|databricks-connect)\b|\[[^]]*\bspark\b[^]]*\]", re.I)
"""Dependencies that bring a Spark, among them the wheel with its extra of that name."""


def serverless_alone(bundle: Bundle) -> Iterator[BundleError]:
    """Nothing of a cluster is in the target whose workspace refuses any."""
    if bundle.target != FREE:
        return
    for job in bundle.jobs.values():
        for cluster in job.list("job_clusters"):
            yield cluster.place.error(
                f"expected no job cluster in {FREE}, whose workspace has serverless compute alone, "
                f"got {cluster.text('job_cluster_key')}; what its spark_env_vars say, tasks there "
                "are told by their parameters"
            )
        for task in order_tasks(job):
            for field in ("job_cluster_key", "existing_cluster_id", "new_cluster"):
                written = task.node.get(field)
                if written is not None and written.value:
                    yield written.place.error(
                        f"expected environment_key for {task.key} in {FREE}, whose workspace has "
                        f"serverless compute alone, got {field}"
                    )


def serverless_libraries(bundle: Bundle) -> Iterator[BundleError]:
    """A serverless task takes no libraries; the wheel is in its environment."""
    for task in chain.from_iterable(map(_serverless, bundle.jobs.values())):
        if task.node.list("libraries"):
            yield task.node.value["libraries"].place.error(
                f"expected no libraries for {task.key}, which runs serverless; put them into its "
                "environment's dependencies"
            )
    for environment in _environments(bundle):
        dependencies = [str(node.value) for node in environment.list("spec", "dependencies")]
        if bundle.document.items("artifacts") and not any(map(WHEEL.search, dependencies)):
            yield environment.place.error(
                f"expected the wheel among the dependencies of "
                f"{environment.text('environment_key')}, got {dependencies or 'none'}; its tasks "
                "would not find the package"
            )


def serverless_version(bundle: Bundle) -> Iterator[BundleError]:
    """The environment of serverless tasks has Spark ML, and the client of the tested Spark."""
    tested = ".".join(version("pyspark").split(".")[:2])
    known = [name for name, spark in ENVIRONMENTS.items() if spark == tested]
    for environment in _environments(bundle):
        written = environment.get("spec", "environment_version")
        found = "" if written is None else str(written.value)
        if found in known:
            continue
        if found.isdigit() and int(found) < SPARK_ML:
            got = f"{found}, which is from before Spark ML there"
        else:
            got = f"{found} with Spark {ENVIRONMENTS.get(found, UNKNOWN)}" if found else "none"
        yield (written or environment).place.error(
            f"expected an environment_version of {environment.text('environment_key')} with the "
            f"Spark {tested} that the tests run on ({', '.join(known)}), got {got}"
        )


def serverless_spark(bundle: Bundle) -> Iterator[BundleError]:
    """No environment brings a Spark of its own: installing one ends the session."""
    for environment in _environments(bundle):
        for dependency in environment.list("spec", "dependencies"):
            if CLIENTS.search(str(dependency.value)):
                yield dependency.place.error(
                    f"expected dependencies without Spark, as the environment has its own, got "
                    f"{dependency.value}; installing another one ends the session"
                )


def serverless_home(bundle: Bundle) -> Iterator[BundleError]:
    """A serverless task keeps what shall last on a volume: its working folder is any folder."""
    for task in chain.from_iterable(map(_serverless, bundle.jobs.values())):
        script = task.work.get("python_file")
        parser = None if script is None else load_parser(file_of(script))
        if parser is None or "--home" not in parser.format_help():
            continue
        given = [str(node.value) for node in task.work.list("parameters")]
        after = dict(zip(given, given[1:], strict=False))
        home = after.get("--home", "")
        if not home.startswith("/Volumes/"):
            yield task.work.place.error(
                f"expected --home on a volume for {task.key}, which runs serverless, got "
                f"{home or 'none'}; its working folder is any folder, and no environment variable "
                "is there to say where state lies"
            )


def free_apps(bundle: Bundle) -> Iterator[BundleError]:
    """The target for a Free Edition has no more apps than that."""
    found = bundle.resources("apps") if bundle.target == FREE else []
    for key, app in found[APPS:]:
        yield app.place.error(
            f"expected {APPS} apps in {FREE} at most, got {len(found)}; give {key} to the other "
            "targets alone, as a target can't take a resource away"
        )


def _serverless(job: Node) -> list[Task]:
    """A job's tasks that run serverless."""
    return [task for task in order_tasks(job) if task.node.text("environment_key")]


def _environments(bundle: Bundle) -> Iterator[Node]:
    """The environments that tasks run in."""
    for job in bundle.jobs.values():
        used = {task.node.text("environment_key") for task in _serverless(job)}
        for environment in job.list("environments"):
            if environment.text("environment_key") in used:
                yield environment
