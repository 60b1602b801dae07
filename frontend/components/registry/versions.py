"""The versions in the registry, as the pages name and show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from components.connection import client
from refusals import NotReadyError


@dataclass(frozen=True)
class Version:
    """One version, as `GET /models` tells of it.

    Attributes:
        created: When it was registered, milliseconds since 1970; 0 if nobody knows.
        family: The kind of model; None if the training did not say.
        promotion: Why the training promoted it, or did not.
        problem: Why it can't be served; None while nothing is known against it.
    """

    number: int
    aliases: Sequence[str] = ()
    created: int = 0
    generated: bool = False
    run_id: str = ""
    metrics: Mapping[str, float] | None = None
    family: str | None = None
    promotion: str | None = None
    problem: str | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Version":
        """Read one of `versions` in the answer."""
        tags = found["tags"]
        return cls(
            number=found["version"],
            aliases=tuple(found["aliases"]),
            created=found["created"],
            generated=found["generated"],
            run_id=found["run_id"],
            metrics=found["metrics"],
            family=tags.get("hitcast.family"),
            promotion=tags.get("hitcast.promotion"),
            problem=found["problem"],
        )

    @property
    def label(self) -> str:
        """What it is called in a list: "production (version 1)", or "version 2"."""
        plain = f"version {self.number}"
        return f"{', '.join(self.aliases)} ({plain})" if self.aliases else plain

    def metric(self, name: str) -> float | None:
        """One of its training's metrics; None where that was not measured."""
        return (self.metrics or {}).get(name)


@dataclass(frozen=True)
class Models:
    """The registry as the API last saw it.

    Attributes:
        versions: Newest first.
        problem: Why this may be old; None while the registry answers.
    """

    aliases: Mapping[str, int]
    versions: Sequence[Version]
    problem: str | None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Models":
        """Read the answer of `GET /models`."""
        versions = [Version.read(version) for version in found["versions"]]
        problem = None if found["registry"] == "up" else str(found["registry"])
        return cls(found["aliases"], sorted(versions, key=lambda v: -v.number), problem)

    def choices(self) -> dict[str, dict[str, Any]]:
        """What can be served, by what it is called: each alias, then each version."""
        by_alias = {f"{a} (version {n})": {"alias": a} for a, n in sorted(self.aliases.items())}
        return by_alias | {f"version {v.number}": {"version": v.number} for v in self.versions}


def registered() -> Models:
    """What the registry holds.

    Raises:
        NotReadyError: if no version is known.
    """
    found = Models.read(client().models())
    if not found.versions:
        raise NotReadyError("; ".join(client().readiness()["problems"]) or "no version is known")
    return found


def named(number: int, alias: str | None) -> str:
    """The version that is served and the alias that chose it: "version 3 (production)"."""
    return f"version {number} ({alias})" if alias else f"version {number}"


def when(milliseconds: int) -> str | None:
    """A date and time where the person is, else where the studio runs."""
    if not milliseconds:
        return None
    try:
        zone = ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M}"
