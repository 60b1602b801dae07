"""References such as `${var.catalog}`: from what is written to what is meant in one target."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rehearsal.kinds import is_unknown
from rehearsal.nodes import Node, Place

REFERENCE = re.compile(r"\$\{([a-zA-Z][\w.-]*)\}")
AFTER_DEPLOY = ("id", "url", "service_principal_client_id", "service_principal_id")
"""Fields that a resource gets from the workspace; a reference to one stays as it is written."""
ANCHORS = ("var", "bundle", "workspace", "resources")


@dataclass(frozen=True)
class References:
    """What can be referred to.

    Attributes:
        variables: The value of each variable; None: it has none in this target.
        bundle: `name`, `target` and what git knows of the code.
        workspace: Paths and the user.
        resources: All resources, by kind and key; as written.
    """

    variables: Mapping[str, Node | None]
    bundle: Node
    workspace: Node
    resources: Node

    def resolve(self, node: Node, trail: tuple[str, ...] = ()) -> Node:
        """`node` with every reference in it replaced.

        Raises:
            BundleError: if a reference leads nowhere, or to itself.
        """
        if isinstance(node.value, dict):
            inner = {name: self.resolve(child, trail) for name, child in node.value.items()}
            return replace(node, value=inner)
        if isinstance(node.value, list):
            return replace(node, value=[self.resolve(child, trail) for child in node.value])
        if not isinstance(node.value, str):
            return node
        whole = REFERENCE.fullmatch(node.value)
        if whole:
            found = self._find(whole[1], node.place, trail)
            if isinstance(found.value, dict | list):
                return found
            return Node(found.value, node.place, referred=True)
        text = REFERENCE.sub(lambda m: self._text(m[1], node.place, trail), node.value)
        return replace(node, value=text)

    def _text(self, path: str, place: Place, trail: tuple[str, ...]) -> str:
        found = self._find(path, place, trail)
        if isinstance(found.value, dict | list):
            raise place.error(f"expected ${{{path}}} alone, as it is not text; got more around it")
        return str(found.value)

    def _find(self, path: str, place: Place, trail: tuple[str, ...]) -> Node:
        if path in trail:
            raise place.error(f"expected ${{{path}}} to end somewhere; it leads back to itself")
        anchor, _, rest = path.partition(".")
        if anchor not in ANCHORS or not rest:
            raise place.error(f"expected ${{…}} to start with one of {ANCHORS}, got ${{{path}}}")
        names = rest.split(".")
        if anchor == "var":
            found = self._variable(names, place)
        elif anchor == "resources" and self._known_after_deploy(names):
            return Node(f"${{{path}}}", place)
        else:
            tree: Node = getattr(self, anchor)
            found = _at(path, tree, names, place)
        return self.resolve(found, (*trail, path))

    def _variable(self, names: list[str], place: Place) -> Node:
        name, *rest = names
        if name not in self.variables:
            raise place.error(
                f"expected a variable among {sorted(self.variables)}, got {name}; declare it under "
                "variables in the bundle's file"
            )
        value = self.variables[name]
        if value is None:
            target = self.bundle.text("target")
            raise place.error(
                f"expected a value of the variable {name} for the target {target}, got none; set "
                f"targets.{target}.variables.{name}, a default, or --var {name}=VALUE"
            )
        if rest and isinstance(value.value, str):
            value = self.resolve(value)
        return _at(".".join(["var", *names]), value, rest, place)

    def _known_after_deploy(self, names: list[str]) -> bool:
        if is_unknown(names[0]):
            return True  # Nobody here knows what such a resource has.
        kind_and_key, field = names[:2], names[2:]
        return self.resources.get(*kind_and_key) is not None and field in [
            [f] for f in AFTER_DEPLOY
        ]


def _at(path: str, tree: Node, names: list[str], place: Place) -> Node:
    """The node that `names` lead to; the error says how far they do, and what is there."""
    if (found := tree.get(*names)) is not None:
        return found
    reached = 0
    while reached < len(names) and (inner := tree.get(names[reached])) is not None:
        tree, reached = inner, reached + 1
    known = sorted(name for name, _ in tree.items())
    raise place.error(f"expected one of {known} in ${{{path}}}, got {'.'.join(names[reached:])}")
