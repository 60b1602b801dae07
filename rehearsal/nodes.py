"""YAML whose every value knows the file and the line that it stands on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hitcast.errors import BundleError


@dataclass(frozen=True)
class Place:
    """A line of a file.

    Attributes:
        root: The bundle's folder.
        file: The file, from there.
        line: Counted from 1.
    """

    root: Path
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def folder(self) -> Path:
        """The file's folder, which relative paths start from."""
        return (self.root / self.file).parent

    def error(self, text: str) -> BundleError:
        """An error about what stands here."""
        return BundleError(f"{self}: {text}")


@dataclass(frozen=True)
class Node:
    """A value and its place.

    Attributes:
        value: A scalar, a list of nodes, or a dict of nodes by name.
        place: Where it stands; for a value in a dict, the line of its key.
        referred: Whether a scalar was put in the place of a reference, as text.
    """

    value: Any
    place: Place
    referred: bool = field(default=False, compare=False)

    def get(self, *path: str) -> "Node | None":
        """The node at the end of `path`, or None."""
        node: Node | None = self
        for name in path:
            if node is None or not isinstance(node.value, dict):
                return None
            node = node.value.get(name)
        return node

    def text(self, *path: str) -> str:
        """The text at the end of `path`; empty where there is none, or nothing."""
        node = self.get(*path)
        return "" if node is None or node.value is None else str(node.value)

    def items(self, *path: str) -> list[tuple[str, "Node"]]:
        """Name and node of the dict at the end of `path`."""
        node = self.get(*path)
        return list(node.value.items()) if node and isinstance(node.value, dict) else []

    def list(self, *path: str) -> list["Node"]:
        """The nodes of the list at the end of `path`."""
        node = self.get(*path)
        return node.value if node and isinstance(node.value, list) else []

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        inner = self.value.values() if isinstance(self.value, dict) else self.value
        for node in inner if isinstance(self.value, dict | list) else ():
            yield from node.walk()


def read(root: Path, file: str) -> Node:
    """Read a YAML file of a bundle.

    Raises:
        BundleError: if it is not YAML, not a mapping, or has a key twice.
    """
    try:
        tree = yaml.compose((root / file).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Place(root, file, mark.line + 1 if mark else 1)
        raise place.error(f"expected YAML, got: {error.problem}") from None
    if not isinstance(tree, yaml.MappingNode):
        raise Place(root, file, 1).error("expected a mapping of names to values, got none")
    return _node(tree, Place(root, file, 1), yaml.SafeLoader(""))


def _node(tree: yaml.Node, place: Place, loader: yaml.SafeLoader) -> Node:
    if isinstance(tree, yaml.MappingNode):
        found: dict[str, Node] = {}
        for key, value in tree.value:
            name, here = str(key.value), _place(key, place)
            if name in found:
                raise here.error(f"expected {name} once, got it twice; merge the two")
            found[name] = _node(value, here, loader)
        return Node(found, place)
    if isinstance(tree, yaml.SequenceNode):
        return Node([_node(item, _place(item, place), loader) for item in tree.value], place)
    return Node(loader.construct_object(tree, deep=True), place)


def _place(tree: yaml.Node, near: Place) -> Place:
    return Place(near.root, near.file, tree.start_mark.line + 1)


def merge(base: Node | None, over: Node) -> Node:
    """`over` laid on `base`, as bundles do it: dicts by name, lists one after the other."""
    if base is None or type(base.value) is not type(over.value):
        return over
    if isinstance(over.value, dict):
        names = {**base.value, **over.value}
        merged = {
            name: merge(base.value.get(name), over.value[name]) if name in over.value else node
            for name, node in names.items()
        }
        return Node(merged, base.place)
    return Node(base.value + over.value, base.place) if isinstance(over.value, list) else over
