"""What references find under `bundle` and `workspace`: names, git, a user that stands in."""

import re
import subprocess
from pathlib import Path

from rehearsal.nodes import Node, Place, merge

USER = "first.last@example.com"
"""Stands in for the workspace's user; with a dot, as that is where names go wrong."""
SHORT_NAME = re.sub(r"\W", "_", USER.partition("@")[0])
DOMAIN_FRIENDLY_NAME = SHORT_NAME.replace("_", "-")


def mapping(place: Place, **values: str) -> Node:
    """A node of names and texts, all at one place."""
    return Node({name: Node(value, place) for name, value in values.items()}, place)


def workspace_values(place: Place, bundle: str, target: str) -> Node:
    """What `${workspace.…}` has where the bundle says nothing of it."""
    root = f"/Workspace/Users/{USER}/.bundle/{bundle}/{target}"
    found = mapping(place, root_path=root, file_path=f"{root}/files")
    found.value["current_user"] = mapping(
        place,
        userName=USER,
        short_name=SHORT_NAME,
        domain_friendly_name=DOMAIN_FRIENDLY_NAME,
    )
    return found


def bundle_values(document: Node, target: Node, name: str) -> Node:
    """What `${bundle.…}` has: the name, the target, its mode, and what git knows of the code."""
    place = document.place
    found = mapping(place, name=document.text("bundle", "name"), target=name)
    if mode := target.text("mode"):
        found.value["mode"] = Node(mode, place)
    git = mapping(
        place,
        commit=_git(place.root, "rev-parse", "HEAD"),
        branch=_git(place.root, "branch", "--show-current"),
        origin_url=_git(place.root, "remote", "get-url", "origin"),
    )
    for given in (document.get("bundle", "git"), target.get("git")):
        git = merge(git, given) if given is not None else git
    found.value["git"] = git
    return found


def _git(root: Path, *command: str) -> str:
    """What git says of the bundle's folder; nothing outside of a checkout, as the CLI has it."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *command], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
