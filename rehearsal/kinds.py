"""Kinds of resources: those whose fields are checked, and those that are left as they are."""

import difflib
from dataclasses import fields, replace

from rehearsal.layout import Resources
from rehearsal.nodes import Node

KNOWN = tuple(field.name for field in fields(Resources))


def without_unknown(document: Node) -> tuple[Node, list[str]]:
    """Leave out the resources of kinds that a rehearsal does not know.

    A kind that is near to a known one stays, as that is a slip of the pen.

    Returns:
        The document without them; a sentence for each, with its place.
    """
    told: list[str] = []
    kept = _known(document, told)
    targets = {name: _known(target, told) for name, target in document.items("targets")}
    if targets:
        whole = kept.value["targets"]
        kept = replace(kept, value={**kept.value, "targets": replace(whole, value=targets)})
    return kept, told


def is_unknown(kind: str) -> bool:
    """Whether a kind is none that a rehearsal knows, nor near to one."""
    return kind not in KNOWN and not difflib.get_close_matches(kind, KNOWN)


def _known(part: Node, told: list[str]) -> Node:
    resources = part.get("resources")
    if resources is None:
        return part
    kept = dict(resources.items())
    for kind in filter(is_unknown, list(kept)):
        place = kept.pop(kind).place
        told.append(f"{place}: {kind} are not checked; a rehearsal knows {', '.join(KNOWN)}")
    return replace(part, value={**part.value, "resources": replace(resources, value=kept)})
