"""The home folder: where all state lives, on whichever machine.

`--home`, else `HITCAST_HOME`, else the working directory. The names in it are MLflow's own
defaults for a repository root, so that `mlflow ui` works there as it stands.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """One folder and the places in it."""

    folder: Path

    @classmethod
    def resolve(cls, folder: str | Path | None = None) -> "Home":
        """The home at `folder`, else at `HITCAST_HOME`, else the working directory."""
        return cls(Path(folder or os.environ.get("HITCAST_HOME") or ".").resolve())

    @property
    def lakehouse(self) -> Path:
        """The folder of Delta tables."""
        return self.folder / "lakehouse"

    @property
    def sources(self) -> Path:
        """The folder of downloaded and generated extracts."""
        return self.folder / "sources"

    @property
    def artifacts(self) -> Path:
        """The folder of MLflow's artifacts."""
        return self.folder / "mlruns"

    @property
    def tracking_uri(self) -> str:
        """`MLFLOW_TRACKING_URI`, else the SQLite database in the home folder."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.folder / 'mlflow.db'}"
