"""Policies about tasks and what they run on."""

import re
from collections.abc import Callable, Iterator
from importlib.metadata import version

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.nodes import Node
from rehearsal.plan import Task, order_tasks

RUNTIMES = {"16.4": "3.5", "17.3": "4.0", "18": "4.1", "18.2": "4.1", "19": "4.2"}
"""Spark by Databricks runtime: "Databricks Runtime release notes versions and compatibility"."""
THIS_RUN = ("changed", "is_new", "inserted", "updated", "rows_read")
"""Values that tell what one run did, which the next run does not know of."""


def state_gates(bundle: Bundle) -> Iterator[BundleError]:
    """A condition asks what is left to do; what this run changed is forgotten if it fails."""
    for task in _tasks(bundle):
        if task.kind != "condition_task":
            continue
        for side in ("left", "right"):
            asked = re.search(r"values\.(\w+)", task.work.text(side))
            if asked and asked[1] in THIS_RUN:
                yield task.work.value[side].place.error(
                    f"expected a value that tells what is left to do, got {asked[1]}, what this "
                    "run did; if a later task fails, the next run skips it for ever"
                )


def limits(bundle: Bundle) -> Iterator[BundleError]:
    """Every program has its time, and another try."""
    for task in _tasks(bundle):
        if task.kind == "condition_task":
            continue
        for field in ("max_retries", "timeout_seconds"):
            written = task.node.get(field)
            # To Databricks, 0 seconds are no limit.
            if written is None or written.value == 0:
                got = "none" if written is None else "0"
                yield (written or task.node).place.error(
                    f"expected {field} for {task.key}, got {got}; say how often and how long"
                )


def runtime(bundle: Bundle) -> Iterator[BundleError]:
    """The Spark of job clusters is the Spark that the tests run on."""
    tested = ".".join(version("pyspark").split(".")[:2])
    known = [name for name, spark in RUNTIMES.items() if spark == tested]
    for cluster in _clusters(bundle):
        written = cluster.get("spark_version")
        if written is None:
            continue
        found = str(written.value).partition(".x")[0]
        if found not in known:
            spark = RUNTIMES.get(found, "that nobody here knows")
            yield written.place.error(
                f"expected a runtime with Spark {tested}, which the tests run on "
                f"({', '.join(known)}), got {written.value} with Spark {spark}"
            )
        elif "-ml-" not in str(written.value) and cluster.text("use_ml_runtime") != "True":
            yield written.place.error(
                f"expected a runtime for machine learning, which has MLflow and XGBoost, got "
                f"{written.value}"
            )


def dfs_tmp(bundle: Bundle) -> Iterator[BundleError]:
    """MLflow lays Spark models down on a volume, as a workspace need not have DBFS."""
    if not bundle.resources("experiments"):
        return
    for cluster in _clusters(bundle):
        written = cluster.get("spark_env_vars", "MLFLOW_DFS_TMP")
        if written is None or not str(written.value).startswith("/Volumes/"):
            place = (written or cluster).place
            got = "none" if written is None else written.value
            yield place.error(
                f"expected MLFLOW_DFS_TMP among spark_env_vars, on a volume, got {got}; Spark "
                "models would go through DBFS"
            )


def same_compute(bundle: Bundle, load: Callable[[str], Bundle]) -> Iterator[BundleError]:
    """Targets of production run each task on one kind of compute, or staging proves nothing."""
    others = bundle.document.items("targets")
    for name, target in others if bundle.mode == "production" else ():
        if name == bundle.target or target.text("mode") != "production":
            continue
        there = {task.key: task.compute for task in _tasks(load(name))}
        for task in _tasks(bundle):
            if (other := there.get(task.key, task.compute)) != task.compute:
                yield task.node.place.error(
                    f"expected {task.key} on the same kind of compute in all targets of "
                    f"production, got {task.compute} in {bundle.target} and {other} in {name}"
                )


def _tasks(bundle: Bundle) -> Iterator[Task]:
    for job in bundle.jobs.values():
        yield from order_tasks(job)


def _clusters(bundle: Bundle) -> Iterator[Node]:
    for job in bundle.jobs.values():
        found = [cluster.get("new_cluster") for cluster in job.list("job_clusters")]
        found += [task.node.get("new_cluster") for task in order_tasks(job)]
        yield from filter(None, found)
