"""The home folder: where all state lives, on whichever machine.

`--home`, else `HITCAST_HOME`, else the working directory. The names in it are MLflow's own
defaults for a repository root, so that `mlflow ui` works there as it stands.
"""

import os
from dataclasses import dataclass
from pathlib import Path


def on_databricks() -> bool:
    """Whether this process runs on compute of Databricks."""
    return "DATABRICKS_RUNTIME_VERSION" in os.environ


@dataclass(frozen=True)
class Home:
    """One folder and the places in it; tables and models in a catalog's schema where one is given.

    Attributes:
        folder: The folder.
        schema: `catalog.schema`, which holds tables and models then; None: the folder does.
        model_name: The registered model, without its schema; None: it is called as the use case.
        experiment_name: MLflow's experiment; None: it is called as the use case.
    """

    folder: Path
    schema: str | None = None
    model_name: str | None = None
    experiment_name: str | None = None

    @classmethod
    def resolve(cls, folder: str | Path | None = None, **names: str | None) -> "Home":
        """The home at `folder`, else at `HITCAST_HOME`, else the working directory."""
        place = Path(folder or os.environ.get("HITCAST_HOME") or ".").resolve()
        return cls(place, **names)

    def model(self, use_case: str) -> str:
        """The name of a use case's registered model."""
        name = self.model_name or use_case
        return f"{self.schema}.{name}" if self.schema else name

    def experiment(self, use_case: str) -> str:
        """The name of a use case's experiment; on Databricks, a path in the workspace."""
        return self.experiment_name or use_case

    @property
    def lakehouse(self) -> Path:
        """The folder of Delta tables."""
        return self.folder / "lakehouse"

    @property
    def sources(self) -> Path:
        """The folder of downloaded and generated extracts."""
        return self.folder / "sources"

    @property
    def extracts(self) -> Path:
        """The folder of what was read from sites."""
        return self.folder / "extracts"

    @property
    def inference_log(self) -> Path:
        """The folder of what the API answered."""
        return self.folder / "inference_log"

    @property
    def feedback_log(self) -> Path:
        """The folder of what the API was told of outcomes."""
        return self.folder / "feedback_log"

    @property
    def experiment_log(self) -> Path:
        """The folder of what the API was told of experiments, and when each of them began."""
        return self.folder / "experiment_log"

    def experiment_reports(self, use_case: str) -> Path:
        """The folder of what jobs found about experiments: a page and a JSON file of each."""
        return self.folder / "reports" / "experiments" / use_case

    @property
    def unit_key(self) -> Path:
        """The file of the key that ids of units are hashed with."""
        return self.folder / "unit.key"

    @property
    def artifacts(self) -> Path:
        """The folder of MLflow's artifacts."""
        return self.folder / "mlruns"

    @property
    def scratch(self) -> Path:
        """The folder in which Spark and a job's own process hand files to each other."""
        return self.folder / "scratch"

    @property
    def tracking_uri(self) -> str:
        """`MLFLOW_TRACKING_URI`, else Databricks' own there, else `mlflow.db` in the folder."""
        here = f"sqlite:///{self.folder / 'mlflow.db'}"
        platform = "databricks" if on_databricks() else None
        return os.environ.get("MLFLOW_TRACKING_URI") or platform or here

    @property
    def registry_uri(self) -> str:
        """`MLFLOW_REGISTRY_URI`, else Unity Catalog on Databricks, else where runs are tracked."""
        catalog = "databricks-uc" if self.tracking_uri == "databricks" else None
        return os.environ.get("MLFLOW_REGISTRY_URI") or catalog or self.tracking_uri
