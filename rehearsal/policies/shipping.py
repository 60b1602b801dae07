"""Policies about what a deployment builds and brings."""

import re
from collections.abc import Callable, Iterator, Mapping

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.checks import file_of
from rehearsal.nodes import Node
from rehearsal.plan import order_tasks
from rehearsal.scripts import load_parser

COMMIT = "--git-commit"


def git_commit(bundle: Bundle) -> Iterator[BundleError]:
    """A script that wants to know the commit is told, as there is no checkout on Databricks."""
    for key, job in bundle.jobs.items():
        written = {t.text("task_key"): t for t in bundle.written.list("jobs", key, "tasks")}
        for task in order_tasks(job):
            if task.kind != "spark_python_task":
                continue
            parser = load_parser(file_of(task.work.value["python_file"]))
            if parser is None or COMMIT not in parser.format_help():
                continue
            node = written.get(task.key, task.node)
            given = [str(n.value) for n in node.list("spark_python_task", "parameters")]
            found = dict(zip(given, given[1:], strict=False)).get(COMMIT, "none")
            # Any text that stands there is the same for every commit.
            if "${" not in found:
                yield task.work.place.error(
                    f"expected {COMMIT} with ${{bundle.git.commit}} for {task.key}, got {found}; "
                    "its runs would be of an unknown commit"
                )


def endpoint_version(bundle: Bundle) -> Iterator[BundleError]:
    """No endpoint's version stands in the bundle: a deployment would go back to it."""
    for key, endpoint in bundle.resources("model_serving_endpoints"):
        entities = [e.get("entity_version") for e in endpoint.list("config", "served_entities")]
        # By the names that these had before.
        models = [m.get("model_version") for m in endpoint.list("config", "served_models")]
        for written in [*entities, *models]:
            if written is not None:
                yield written.place.error(
                    f"expected a task that moves the endpoint {key} after a promotion "
                    f"(jobs/deploy.py), got version {written.value}, which is not there at first "
                    "and comes back with each deployment"
                )


def fresh_wheel(bundle: Bundle) -> Iterator[BundleError]:
    """A wheel that jobs install has another version after each build; else the old one stays."""
    preset = bundle.document.text("presets", "artifacts_dynamic_version") == "True"
    for name, artifact in bundle.document.items("artifacts"):
        # What has files of its own is not what jobs install: that is in dist.
        if artifact.text("type") != "whl" or artifact.list("files") or preset:
            continue
        if artifact.text("dynamic_version") != "True":
            yield artifact.place.error(
                f"expected dynamic_version: true for {name}, got none; compute that has a wheel of "
                "this version keeps it, whatever is in the new one"
            )


def plain_build(bundle: Bundle) -> Iterator[BundleError]:
    """Whoever deploys needs no Java and no 2 GB of packages to build a wheel."""
    for name, artifact in bundle.document.items("artifacts"):
        written = artifact.get("build")
        if written is not None and re.search(r"\bmake\b", str(written.value)):
            yield written.place.error(
                f"expected a build of {name} that needs a wheel's tools alone, as uv build "
                f"--wheel, got {written.value}, which sets up all that the tests need"
            )


def cli_version(bundle: Bundle) -> Iterator[BundleError]:
    """The CLI is as new as what the bundle uses of it."""
    needed = {"": (0, 0, 0)}
    needed |= {what: since for (what, since), uses in FEATURES.items() if uses(bundle)}
    what, since = max(needed.items(), key=lambda pair: pair[1])
    written = bundle.document.get("bundle", "databricks_cli_version")
    text = "" if written is None else str(written.value)
    if what and _lowest(text) < since:
        place = (written or bundle.document.get("bundle") or bundle.document).place
        expected = ".".join(map(str, since))
        yield place.error(
            f"expected databricks_cli_version to ask for >= {expected} or newer, got "
            f"{text or 'none'}; older ones don't know {what}"
        )


def _lowest(constraint: str) -> tuple[int, ...]:
    number = constraint.replace(">=", "").strip().split(",")[0]
    parts = number.split(".") if constraint.startswith(">=") else []
    return tuple(int(part) for part in parts) if all(p.isdigit() for p in parts) else ()


def _values(bundle: Bundle, kind: str, field: str) -> Iterator[Node]:
    for _, resource in bundle.written.items(kind):
        if (found := resource.get(field)) is not None:
            yield from found.walk()


def _grants_to_apps(bundle: Bundle) -> bool:
    kinds = ("schemas", "volumes", "registered_models")
    nodes = [node for kind in kinds for node in _values(bundle, kind, "grants")]
    return any("${resources.apps." in str(node.value) for node in nodes)


def _empty_text(bundle: Bundle) -> bool:
    return any(node.value == "" for job in bundle.jobs.values() for node in job.walk())


FEATURES: Mapping[tuple[str, tuple[int, int, int]], Callable[[Bundle], bool]] = {
    ("dynamic_version", (0, 245, 0)): lambda bundle: any(
        artifact.get("dynamic_version") is not None
        for _, artifact in bundle.document.items("artifacts")
    ),
    ("an app's config with value_from", (0, 284, 0)): lambda bundle: any(
        app.get("config") is not None for _, app in bundle.resources("apps")
    ),
    ("grants that refer to apps", (0, 295, 0)): _grants_to_apps,
    ("an app's config that refers to resources", (0, 297, 0)): lambda bundle: any(
        "${resources." in str(node.value) for node in _values(bundle, "apps", "config")
    ),
    ("that empty text is none", (1, 10, 0)): _empty_text,
}
"""What a bundle may use of the CLI and since which release, by its CHANGELOG.md."""
