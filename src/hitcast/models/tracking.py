"""MLflow runs: the only module that writes them, and the one that reads them back.

A training is one run; under it each family has a run with the refitted pipeline, and under that
each trial has a run with its parameters and fold metrics. A run that is interrupted is marked
KILLED, one that fails FAILED.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hitcast.models.connection import connect
from hitcast.models.metrics import NOW, OF_OLD
from hitcast.models.registry import SCORER
from hitcast.models.spark_files import shared_by_folder
from hitcast.running.home import Home
from hitcast.running.interrupts import uninterrupted, was_interrupted

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.ml import PipelineModel

SPARK_MODEL = "spark-model"
"""Name of the fitted Spark pipeline among a run's artifacts."""


class Tracker:
    """Writes one training to MLflow.

    Args:
        home: Says where the tracking store is.
        experiment: The experiment's name; created at first, with the home folder's artifacts.
    """

    def __init__(self, home: Home, experiment: str) -> None:
        connect(home, create=True)
        import mlflow

        self._scratch = home.scratch
        found = mlflow.get_experiment_by_name(experiment)
        if found is None:
            # A tracking server decides for itself where artifacts go.
            local = home.tracking_uri.startswith("sqlite:")
            location = home.artifacts.as_uri() if local else None
            self._experiment = mlflow.create_experiment(experiment, artifact_location=location)
        else:
            self._experiment = found.experiment_id

    @contextmanager
    def run(self, name: str, tags: Mapping[str, str]) -> Iterator[str]:
        """A run around a block; runs inside runs are nested. Yields the run's id."""
        import mlflow

        nested = mlflow.active_run() is not None
        run = mlflow.start_run(
            experiment_id=self._experiment, run_name=name, nested=nested, tags=dict(tags)
        )
        with self._told():
            yield str(run.info.run_id)

    @contextmanager
    def resumed(self, run_id: str) -> Iterator[None]:
        """A run that has ended, open again around a block."""
        import mlflow

        mlflow.start_run(run_id=run_id, nested=mlflow.active_run() is not None)
        with self._told():
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say of the innermost run how it ended."""
        import mlflow

        try:
            yield
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt) or was_interrupted()
            with uninterrupted():
                mlflow.end_run("KILLED" if stopped else "FAILED")
            raise
        mlflow.end_run("FINISHED")

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags of the innermost run."""
        import mlflow

        mlflow.set_tags(dict(tags))

    def log(self, params: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Log parameters and metrics to the innermost run."""
        import mlflow

        mlflow.log_params({_taken(name): value for name, value in params.items()})
        mlflow.log_metrics({_taken(name): value for name, value in metrics.items()})

    def log_trial(
        self,
        name: str,
        family: str,
        parameters: Mapping[str, Any],
        folds: Sequence[Mapping[str, float]],
        summary: Mapping[str, float],
        seconds: float,
        *,
        model: "PipelineModel | None" = None,
        test: Mapping[str, float] | None = None,
    ) -> None:
        """Log one trial as a run of its own.

        Args:
            name: What the run is called.
            family: Which kind of estimator was tried.
            parameters: Its hyperparameters.
            folds: The metrics of each fold, which become steps.
            summary: Mean and spread of each metric over the folds.
            seconds: How long the trial took.
            model: The pipeline with these hyperparameters, if it is kept.
            test: Its metrics on the test rows.
        """
        import mlflow

        with self.run(name, {"hitcast.level": "trial", "hitcast.family": family}):
            self.log(parameters, {**cv_metrics(summary), "seconds": seconds})
            for fold, metrics in enumerate(folds):
                mlflow.log_metrics(dict(metrics), step=fold)
            if model is not None:
                mlflow.log_metrics({f"test_{name}": value for name, value in (test or {}).items()})
                self.log_spark_model(model)

    def log_files(self, folder: Path, place: str | None = None) -> None:
        """Copy a folder's files to the run's artifacts."""
        import mlflow

        mlflow.log_artifacts(str(folder), place)

    def log_spark_model(self, model: "PipelineModel") -> str:
        """Log a fitted pipeline to the innermost run; returns the URI that loads it."""
        import mlflow

        # Stated, not inferred: to infer them MLflow would load the model in another process.
        requirements = [f"{name}=={_version(name)}" for name in ("pyspark", "mlflow")]
        if any("xgboost" in type(stage).__module__ for stage in model.stages):
            requirements.append(f"xgboost=={_version('xgboost')}")
        with shared_by_folder():
            info = mlflow.spark.log_model(
                model,
                SPARK_MODEL,
                pip_requirements=requirements,
                dfs_tmpdir=str(self._scratch),
            )
        return str(info.model_uri)

    def log_scorer(self, folder: Path, example: Mapping[str, Any], tags: Mapping[str, str]) -> str:
        """Log the portable scorer in `folder` as a pyfunc model; returns its URI."""
        import mlflow
        import pandas as pd

        from hitcast.portable.pyfunc import log_arguments

        info = mlflow.pyfunc.log_model(
            name=SCORER,
            input_example=pd.DataFrame([dict(example)]),
            tags=dict(tags),
            **log_arguments(folder),
        )
        return str(info.model_uri)


def read_runs(home: Home, experiment: str) -> "pd.DataFrame":
    """Read all runs of an experiment; the tracking database is never created.

    Returns:
        One row a run, newest first: `run_id`, `status`, `start_time` and `end_time` (UTC),
        `metrics.NAME`, `params.NAME` and `tags.NAME`; no rows where there is no such experiment.

    Raises:
        RegistryError: if there is no tracking database.
    """
    connect(home, create=False)
    import mlflow
    import pandas as pd

    found = mlflow.get_experiment_by_name(experiment)
    if found is None:
        return pd.DataFrame()
    runs: pd.DataFrame = mlflow.search_runs(
        [found.experiment_id], order_by=["attributes.start_time DESC"], output_format="pandas"
    )
    return _as_named_now(runs)


def _as_named_now(runs: "pd.DataFrame") -> "pd.DataFrame":
    """The average precision under its name of now, of runs of old too."""
    names = [name for name in map(str, runs) if name.startswith("metrics.")]
    now, old = ([name for name in names if part in name] for part in (NOW, OF_OLD))
    # In a row of old nothing has the name of now.
    of_old = runs[now].isna().all(axis=1)
    for name in old:
        moved = runs[name].where(of_old)
        renamed = name.replace(OF_OLD, NOW)
        runs[renamed] = runs[renamed].fillna(moved) if renamed in runs else moved
        runs[name] = runs[name].where(~of_old)
    return runs


def _taken(name: str) -> str:
    """A name as MLflow takes it, with the number of each character that it refuses in its place."""
    return re.sub(r"[^\w.\- :]", lambda found: f"_x{ord(found[0]):x}_", name)


def cv_metrics(summary: Mapping[str, float]) -> dict[str, float]:
    """Mean and spread over the folds of each metric, by the names that runs carry."""
    return {f"cv_{name}": value for name, value in summary.items()}


def git_commit(given: str = "") -> str:
    """The code's commit: the checkout's, marked where files differ from it.

    Args:
        given: What it is outside a checkout, as in a wheel; nothing: unknown.
    """
    folder = Path(__file__).parent
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return given or "unknown"
    return done.stdout.strip()


def _version(package: str) -> str:
    import importlib

    return str(importlib.import_module(package).__version__)
