"""Policies about who may do what, and in which order that can be made."""

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.nodes import Node

REFERENCE = re.compile(r"\$\{resources\.(\w+)\.(\w[\w-]*)\.")
APART = ("permissions", "grants")
"""Parts of a resource that are made after it, as nodes of their own."""


def app_rights(bundle: Bundle) -> Iterator[BundleError]:
    """What an app's `resources` give it stands in the list of rights there too.

    A deployment sets whole lists of rights: those of a target's `permissions` reach apps, scopes,
    experiments and jobs, and what an app's resources gave alone is gone after the second one.
    """
    for key, app in bundle.written.items("apps"):
        principal = f"${{resources.apps.{key}.service_principal_client_id}}"
        for resource in app.list("resources"):
            for node in resource.walk():
                found = REFERENCE.match(str(node.value))
                target = bundle.written.get(*found.groups()) if found else None
                if found is None or target is None:
                    continue
                rights = [right for part in APART for right in target.list(part)]
                if principal not in [n.value for right in rights for n in right.walk()]:
                    yield node.place.error(
                        f"expected {principal} among the rights of {'.'.join(found.groups())} "
                        f"({target.place}), got none; the next deployment takes the right away "
                        f"which this gives the app {key}"
                    )


def job_run_as(bundle: Bundle) -> Iterator[BundleError]:
    """`run_as` stands in jobs where there are apps or endpoints, which refuse it for all."""
    kinds = [k for k in ("apps", "model_serving_endpoints") if bundle.resources(k)]
    for part in (bundle.document, bundle.here):
        if kinds and (written := part.get("run_as")) is not None:
            yield written.place.error(
                "expected run_as in each job, got it for all resources; with "
                f"{' and '.join(kinds)} nobody else than that principal can deploy"
            )


def secret_readers(bundle: Bundle) -> Iterator[BundleError]:
    """CAN_VIEW of all resources is READ of a secret scope: of the secrets themselves."""
    if not bundle.resources("secret_scopes"):
        return
    for right in [*bundle.document.list("permissions"), *bundle.here.list("permissions")]:
        if right.text("level") == "CAN_VIEW":
            yield right.place.error(
                "expected rights of readers resource by resource, got CAN_VIEW of all, which lets "
                "them read the secrets of the bundle's scope"
            )


def circle(bundle: Bundle) -> Iterator[BundleError]:
    """Resources can be made one after the other; rights are made after all that they name."""
    places: dict[str, Node] = {}
    graph: dict[str, list[str]] = {}
    for kind, resources in bundle.written.items():
        for key, resource in resources.items():
            for field, node in resource.items():
                own = f"{kind}.{key}" + (f".{field}" if field in APART else "")
                places.setdefault(own, resource if own.count(".") == 1 else node)
                edges = graph.setdefault(own, [])
                edges += [f"{kind}.{key}"] if field in APART else []
                for inner in node.walk():
                    found = REFERENCE.findall(inner.value) if isinstance(inner.value, str) else []
                    edges += [".".join(pair) for pair in found]
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        names: list[str] = error.args[1]
        yield places[names[0]].place.error(
            f"expected resources that can be made one after the other, got the circle "
            f"{' -> '.join(names)}; name one of them by a variable"
        )
