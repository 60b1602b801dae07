"""What the registry looked like when it was last asked: a small JSON file that workers read.

Only the poller asks the registry, because MLflow's client costs 4 s and 200 MB; what it found is
in this file, written whole or not at all.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hitcast.running.files import write_whole

SNAPSHOT_FILE = "registry.json"
NOT_ASKED = "the registry has not been asked yet, which takes a few seconds after a start"


@dataclass(frozen=True)
class VersionInfo:
    """One version of the model.

    Attributes:
        number: Its number in the registry.
        run_id: The training's run; numbers start over in a new registry, runs do not.
        created: When it was registered, milliseconds since 1970.
        tags: Its tags.
        metrics: The training's metrics.
        problem: Why it can't be served; None while nothing is known against it.
    """

    number: int
    run_id: str
    created: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    problem: str | None = None

    @property
    def place(self) -> str:
        """The version's folder in the cache, which one of another registry does not have."""
        return f"{self.number}-{self.run_id or f'of-{self.created}'}"


@dataclass(frozen=True)
class Snapshot:
    """The registry at one moment.

    Attributes:
        versions: By number.
        aliases: Names and the versions that they stand for.
        problem: Why the registry could not be asked; versions and aliases are older then.
        asked: Whether it has been asked at all.
    """

    versions: Mapping[int, VersionInfo] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None
    asked: bool = True

    def save(self, folder: Path) -> None:
        """Write the snapshot, whole or not at all."""
        found = {
            "versions": [asdict(version) for version in self.versions.values()],
            "aliases": dict(self.aliases),
            "problem": self.problem,
        }
        write_whole(folder / SNAPSHOT_FILE, json.dumps(found))

    @classmethod
    def load(cls, folder: Path) -> "Snapshot":
        """Read the last snapshot; an empty one where there is none yet or it can't be read."""
        try:
            found: dict[str, Any] = json.loads((folder / SNAPSHOT_FILE).read_text())
            versions = {v["number"]: VersionInfo(**v) for v in found["versions"]}
            return cls(versions, found["aliases"], found["problem"])
        except (OSError, ValueError, KeyError, TypeError):
            return cls(asked=False)
