"""The runs of an experiment as tables: trainings and importances.

A training is one run; under it each family has one, and under that each trial (see `tracking`).
"""

from collections.abc import Sequence

import pandas as pd

from hitcast.declaration.use_case import UseCase
from hitcast.errors import RegistryError
from hitcast.models.registry import Version
from hitcast.models.version_tags import GENERATED_TAG, REASON_TAG

LEVEL = "tags.hitcast.level"
GENERATED, REAL = "generated", "real"


def tell_trainings(
    runs: pd.DataFrame, versions: Sequence[Version], use_case: UseCase
) -> pd.DataFrame:
    """One row a training, newest first, whether or not it finished.

    Args:
        runs: What `read_runs` found.
        versions: The registered versions.
        use_case: Names the metric that candidates are compared by.

    Returns:
        `started` (UTC), `status`, `family` (of the winner), `version` (missing: none registered),
        `aliases`, `cv` and `cv_sd` (mean and spread of the metric over the folds), `test_METRIC`,
        `threshold`, `rows` (real or generated), `table_version`, `seconds`, `reason` (of its
        promotion) and `run_id`.

    Raises:
        RegistryError: if there is no training at all; says what to run.
    """
    trainings = runs[runs[LEVEL] == "training"] if LEVEL in runs else runs[:0]
    if trainings.empty:
        raise RegistryError(
            f"expected trainings of {use_case.name} among MLflow's runs, found none; run "
            "jobs/train.py, or set the widget train to yes"
        )
    of_run = {version.run_id: version for version in versions}
    known = [of_run.get(run) for run in trainings["run_id"]]
    found = trainings.assign(
        started=trainings["start_time"].dt.floor("s"),
        rows=[_kind(tag) for tag in column_of(trainings, f"tags.{GENERATED_TAG}")],
        version=pd.array([v.number if v else None for v in known], dtype="Int64"),
        aliases=[", ".join(v.aliases) if v else "" for v in known],
        reason=[v.tags.get(REASON_TAG, "") if v else "" for v in known],
        seconds=_seconds(trainings),
    )
    names = _names(trainings, use_case.training.metric)
    return pd.DataFrame({name: column_of(found, held) for name, held in names.items()}).reset_index(
        drop=True
    )


def finished(trainings: pd.DataFrame, use_case: UseCase) -> pd.Series:
    """The newest training that finished.

    Raises:
        RegistryError: if none did; says what to run.
    """
    found = trainings[trainings["status"] == "FINISHED"]
    if found.empty:
        raise RegistryError(
            f"expected a finished training of {use_case.name}, found {len(trainings)} that failed "
            "or still run; run jobs/train.py"
        )
    return found.iloc[0]


def importances(runs: pd.DataFrame, run_id: str) -> pd.Series:
    """What shuffling each input cost the winner of a training, greatest loss first."""
    names = [name for name in map(str, runs) if name.startswith("metrics.importance_")]
    values = runs.loc[runs["run_id"] == run_id, names].iloc[0].astype(float).dropna()
    values.index = [str(name).removeprefix("metrics.importance_") for name in values.index]
    return values.sort_values(ascending=False, kind="stable").rename("importance")


def _names(trainings: pd.DataFrame, metric: str) -> dict[str, str]:
    """What a training is told by, in order, and where MLflow's runs hold it."""
    tested = [name for name in map(str, trainings) if name.startswith("metrics.test_")]
    return {
        **{name: name for name in ("started", "status")},
        "family": "params.best",
        **{name: name for name in ("version", "aliases")},
        "cv": f"metrics.cv_{metric}",
        "cv_sd": f"metrics.cv_{metric}_sd",
        **{name.removeprefix("metrics."): name for name in tested},
        "threshold": "metrics.threshold",
        "rows": "rows",
        "table_version": "tags.table_version",
        **{name: name for name in ("seconds", "reason", "run_id")},
    }


def column_of(runs: pd.DataFrame, name: str) -> pd.Series:
    """A column of MLflow's runs; missing values where no run has it."""
    return runs[name] if name in runs else pd.Series(None, index=runs.index, dtype=object)


def _kind(tag: object) -> str:
    return GENERATED if tag == "true" else REAL


def _seconds(runs: pd.DataFrame) -> pd.Series:
    return (runs["end_time"] - runs["start_time"]).dt.total_seconds().round(1)
