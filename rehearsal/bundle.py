"""The bundle of a folder, as it would be deployed to one target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hitcast.errors import BundleError
from rehearsal.fields import check_fields
from rehearsal.layout import Document, Resources
from rehearsal.nodes import Node, Place, merge, read
from rehearsal.references import References

NAMES = ("bundle.yml", "bundle.yaml", "databricks.yml", "databricks.yaml")
USER = "rehearsal@example.com"
"""Stands in for the workspace's user."""


@dataclass(frozen=True)
class Bundle:
    """A bundle in one target, with every reference resolved.

    Attributes:
        root: Its folder.
        target: The target's name.
        document: All files in one, the target laid on.
        variables: Names and values in this target.
    """

    root: Path
    target: str
    document: Node
    variables: Mapping[str, Any]

    @property
    def jobs(self) -> dict[str, Node]:
        """The jobs by key."""
        return dict(self.document.items("resources", "jobs"))

    def job(self, key: str) -> Node:
        """The job `key`.

        Raises:
            BundleError: if there is none.
        """
        if key not in self.jobs:
            raise BundleError(f"expected a job among {sorted(self.jobs)}, got {key!r}")
        return self.jobs[key]


def load_bundle(root: Path, target: str, values: Mapping[str, str]) -> Bundle:
    """Load a bundle as `target` has it.

    Args:
        root: The folder of the bundle's file.
        target: One of its targets.
        values: Values of variables that go before the target's.

    Raises:
        BundleError: if the files are wrong; the text has a line for each problem.
    """
    document = _read_all(root)
    problems(check_fields(document, Document, "a bundle's file"))
    known = document.get("targets", target)
    if known is None:
        targets = sorted(name for name, _ in document.items("targets"))
        raise document.place.error(f"expected a target among {targets}, got {target!r}")
    if (resources := known.get("resources")) is not None:
        document = merge(document, Node({"resources": resources}, document.place))
    variables = _variables(document, known, values)
    references = _references(document, target, known, variables)
    resolved = references.resolve(document.get("resources") or Node({}, document.place))
    problems(check_fields(resolved, Resources, "resources"))
    for part in (known, document.get("permissions"), document.get("artifacts")):
        if part is not None:
            references.resolve(part)
    document = replace(document, value={**document.value, "resources": resolved})
    plain = {n: references.resolve(v).plain() for n, v in variables.items() if v is not None}
    return Bundle(root, target, document, plain)


def problems(found: Iterable[BundleError]) -> None:
    """Raise one error of all problems, if there are any."""
    lines = [str(problem) for problem in found]
    if lines:
        raise BundleError("\n".join(dict.fromkeys(lines)))


def _read_all(root: Path) -> Node:
    """The bundle's file with what it includes."""
    names = [name for name in NAMES if (root / name).is_file()]
    if len(names) != 1:
        raise BundleError(f"expected one of {NAMES} in {root}, found {names or 'none'}")
    document = read(root, names[0])
    for pattern in document.list("include"):
        files = sorted(root.glob(str(pattern.value)))
        if not files:
            raise pattern.place.error(f"expected files that match {pattern.value}, found none")
        for file in files:
            document = _joined(document, read(root, str(file.relative_to(root))))
    return document


def _joined(document: Node, other: Node) -> Node:
    """Add an included file; a resource may stand in one file only."""
    for kind, resources in other.items("resources"):
        for key, resource in resources.items():
            if (first := document.get("resources", kind, key)) is not None:
                raise resource.place.error(
                    f"expected {kind}.{key} once, got it at {first.place} too; rename one"
                )
    return merge(document, other)


def _variables(document: Node, target: Node, values: Mapping[str, str]) -> dict[str, Node | None]:
    """Each variable's value: given, else the target's, else the default."""
    found = {name: declared.get("default") for name, declared in document.items("variables")}
    here = Place(document.place.root, "--var", 1)
    given = {name: Node(value, here) for name, value in values.items()}
    for name, value in [*target.items("variables"), *given.items()]:
        if name not in found:
            raise value.place.error(f"expected a variable among {sorted(found)}, got {name}")
        found[name] = value
    return found


def _references(
    document: Node, target_name: str, target: Node, variables: dict[str, Node | None]
) -> References:
    place = document.place

    def mapping(**values: str) -> Node:
        return Node({name: Node(value, place) for name, value in values.items()}, place)

    name = document.text("bundle", "name")
    folder = f"/Workspace/Users/{USER}/.bundle/{name}/{target_name}"
    workspace = mapping(root_path=folder)
    workspace.value["current_user"] = mapping(userName=USER, short_name=USER.partition("@")[0])
    for given in (document.get("workspace"), target.get("workspace")):
        workspace = merge(workspace, given) if given is not None else workspace
    bundle = mapping(name=name, target=target_name)
    resources = document.get("resources") or mapping()
    return References(variables, bundle, workspace, resources)
