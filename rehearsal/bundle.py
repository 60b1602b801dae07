"""The bundle of a folder, as it would be deployed to one target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hitcast.errors import BundleError
from hitcast.running.job import say
from rehearsal.fields import check_fields
from rehearsal.kinds import without_unknown
from rehearsal.layout import Document, Resources
from rehearsal.nodes import Node, Place, merge, read
from rehearsal.places import bundle_values, workspace_values
from rehearsal.references import References

NAMES = ("bundle.yml", "bundle.yaml", "databricks.yml", "databricks.yaml")


@dataclass(frozen=True)
class Bundle:
    """A bundle in one target, with every reference resolved.

    Attributes:
        root: Its folder.
        target: The target's name.
        document: All files in one, the target laid on.
        variables: Names and values in this target.
        written: The resources as they are written, with their references.
        here: The target's own part of the file, resolved.
    """

    root: Path
    target: str
    document: Node
    variables: Mapping[str, Any]
    written: Node
    here: Node

    @property
    def mode(self) -> str:
        """development, production, or nothing."""
        return self.here.text("mode")

    def resources(self, kind: str) -> list[tuple[str, Node]]:
        """Key and resource of each of a kind."""
        return self.document.items("resources", kind)

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


def assigned(pairs: Iterable[str]) -> dict[str, str]:
    """Names and values of variables, from the words after each `--var`.

    Raises:
        BundleError: if a word is no `NAME=VALUE`.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BundleError(f"expected --var NAME=VALUE, got --var {pair}")
        found[name] = value
    return found


def load_bundle(root: Path, target: str, values: Mapping[str, str]) -> Bundle:
    """Load a bundle as `target` has it.

    Args:
        root: The folder of the bundle's file.
        target: One of its targets.
        values: Values of variables that go before the target's.

    Raises:
        BundleError: if the files are wrong; the text has a line for each problem.
    """
    document, unknown = without_unknown(_read_all(root))
    for kind in unknown:
        say(f"warning: {kind}")
    problems(check_fields(document, Document, "a bundle's file"))
    known = document.get("targets", target)
    if known is None:
        targets = sorted(name for name, _ in document.items("targets"))
        raise document.place.error(f"expected a target among {targets}, got {target!r}")
    for part in ("resources", "artifacts", "presets"):
        if (given := known.get(part)) is not None:
            document = merge(document, Node({part: given}, document.place))
    variables = _variables(document, known, values)
    references = _references(document, target, known, variables)
    written = document.get("resources") or Node({}, document.place)
    resolved = references.resolve(written)
    problems(check_fields(resolved, Resources, "resources"))
    here = references.resolve(known)
    for top in (document.get("permissions"), document.get("artifacts")):
        if top is not None:
            references.resolve(top)
    document = replace(document, value={**document.value, "resources": resolved})
    plain = {n: references.resolve(v).plain() for n, v in variables.items() if v is not None}
    return Bundle(root, target, document, plain, written, here)


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
    name = document.text("bundle", "name")
    workspace = workspace_values(document.place, name, target_name)
    for given in (document.get("workspace"), target.get("workspace")):
        workspace = merge(workspace, given) if given is not None else workspace
    bundle = bundle_values(document, target, target_name)
    resources = document.get("resources") or Node({}, document.place)
    return References(variables, bundle, workspace, resources)
