"""Names and types of fields, checked against classes: those of `layout` and Databricks' own.

`Job.from_dict` refuses unknown fields, but says not where, and takes `name: 1` for "1". So nodes,
which know their lines, are held against the classes' annotations.
"""

import difflib
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import EnumType
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from databricks.bundles.core import Variable

from hitcast.errors import BundleError
from rehearsal.nodes import Node
from rehearsal.references import REFERENCE

SCALARS = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


def check_fields(node: Node, kind: Any, name: str) -> Iterator[BundleError]:
    """Hold a node against a type.

    Args:
        node: What is written; a whole reference (`${var.x}`) passes for any type.
        kind: A dataclass, or an annotation as the fields of one have it.
        name: What the node is called in problems.

    Yields:
        A problem for each unknown or missing field and each value of another type.
    """
    if isinstance(node.value, str) and REFERENCE.fullmatch(node.value):
        return
    if kind is Any:
        return
    kinds = _alternatives(kind)
    if node.value is None and NoneType in kinds:
        return
    (kind,) = [k for k in kinds if k is not NoneType]
    if get_origin(kind) is list:
        yield from _check_list(node, kind, name)
    elif get_origin(kind) is dict:
        yield from _check_dict(node, kind, name)
    elif is_dataclass(kind):
        yield from _check_class(node, kind, name)
    elif isinstance(kind, EnumType) or get_origin(kind) is Literal:
        members: Any = kind if isinstance(kind, EnumType) else ()
        allowed = [member.value for member in members] or list(get_args(kind))
        if node.value not in allowed:
            yield _other(node, name, f"one of {', '.join(allowed)}")
    elif kind in SCALARS and not _fits(node, kind):
        yield _other(node, name, SCALARS[kind])


def _alternatives(kind: Any) -> list[Any]:
    """The members of a union, without Databricks' own class for references."""
    if get_origin(kind) is None or get_origin(kind) in (list, dict, Literal):
        return [kind]
    return [k for k in get_args(kind) if get_origin(k) is not Variable]


def _check_list(node: Node, kind: Any, name: str) -> Iterator[BundleError]:
    if not isinstance(node.value, list):
        yield _other(node, name, "a list")
        return
    for item in node.value:
        yield from check_fields(item, get_args(kind)[0], f"an item of {name}")


def _check_dict(node: Node, kind: Any, name: str) -> Iterator[BundleError]:
    if not isinstance(node.value, dict):
        yield _other(node, name, "names with values")
        return
    for key, item in node.value.items():
        yield from check_fields(item, get_args(kind)[1], f"{name}.{key}")


def _check_class(node: Node, kind: Any, name: str) -> Iterator[BundleError]:
    if not isinstance(node.value, dict):
        yield _other(node, name, "names with values")
        return
    types = _types(kind)
    for key, item in node.value.items():
        if key in types:
            yield from check_fields(item, types[key], key)
            continue
        near = difflib.get_close_matches(key, types, n=1)
        advice = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(types))}"
        yield item.place.error(f"expected a field of {name}, got {key}; {advice}")
    for needed in fields(kind):
        given = needed.default is MISSING and needed.default_factory is MISSING
        if given and needed.name not in node.value:
            yield node.place.error(f"expected {needed.name} in {name}, got none; add it")


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _fits(node: Node, kind: type) -> bool:
    value = node.value
    if isinstance(value, bool):
        return kind is bool or (node.referred and kind is str)
    if kind is float:
        kind = int | float  # type: ignore[assignment]
    if isinstance(value, kind):
        return True
    # What comes from a variable is text, which Databricks turns into what the field takes.
    if node.referred and kind is str:
        return isinstance(value, int | float)
    return node.referred and kind is int and str(value).lstrip("-").isdigit()


def _other(node: Node, name: str, expected: str) -> BundleError:
    value = node.plain()
    if isinstance(value, dict | list):
        got = "a list" if isinstance(value, list) else "names with values"
    else:
        got = f"{value!r}"
    advice = "; quote it" if expected == "text" and not isinstance(value, dict | list) else ""
    return node.place.error(f"expected {expected} for {name}, got {got}{advice}")
