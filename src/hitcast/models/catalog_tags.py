"""Tags of versions as Unity Catalog takes them: no dots in their names, no long values."""

from collections.abc import Mapping

OURS, THEIRS = "hitcast.", "hitcast_"
LONGEST = 1000
"""Characters that a value may have there."""


def to_catalog(tags: Mapping[str, str]) -> dict[str, str]:
    """Our tags as Unity Catalog takes them; a value that is too long loses its end."""
    renamed = {_swapped(name, OURS, THEIRS): value for name, value in tags.items()}
    return {
        name: value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
        for name, value in renamed.items()
    }


def from_catalog(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags that Unity Catalog has, under the names that we gave them."""
    return {_swapped(name, THEIRS, OURS): value for name, value in tags.items()}


def _swapped(name: str, old: str, new: str) -> str:
    return new + name.removeprefix(old) if name.startswith(old) else name
