"""The runs of an experiment as tables: trainings, trials, importances.

A training is one run; under it each family has one, and under that each trial (see `tracking`).
"""

from collections.abc import Sequence

import pandas as pd

from hitcast.errors import RegistryError
from hitcast.promotion import GENERATED_TAG, REASON_TAG
from hitcast.registry import Version
from hitcast.use_case import UseCase

LEVEL, PARENT = "tags.hitcast.level", "tags.mlflow.parentRunId"
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
        rows=[_kind(tag) for tag in _column(trainings, f"tags.{GENERATED_TAG}")],
        version=pd.array([v.number if v else None for v in known], dtype="Int64"),
        aliases=[", ".join(v.aliases) if v else "" for v in known],
        reason=[v.tags.get(REASON_TAG, "") if v else "" for v in known],
        seconds=_seconds(trainings),
    )
    names = _names(trainings, use_case.training.metric)
    return pd.DataFrame({name: _column(found, held) for name, held in names.items()}).reset_index(
        drop=True
    )


def tell_trials(runs: pd.DataFrame, trainings: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """One row a finished trial of each finished training, newest training first.

    Returns:
        `training` (its run), `rows`, `table_version`, `family`, `trial`, `cv`, `cv_sd`, `seconds`
        and `parameters` (a mapping of names to texts).
    """
    metric = use_case.training.metric
    parents = dict(zip(runs["run_id"], _column(runs, PARENT), strict=True))
    done = trainings[trainings["status"] == "FINISHED"].set_index("run_id")
    lines = []
    for _, run in runs[(runs[LEVEL] == "trial") & (runs["status"] == "FINISHED")].iterrows():
        training = parents.get(str(run[PARENT]))
        if training in done.index:
            of = done.loc[training]
            lines.append(
                {
                    "training": training,
                    "rows": of["rows"],
                    "table_version": of["table_version"],
                    "family": run["tags.hitcast.family"],
                    "trial": run["tags.mlflow.runName"],
                    "cv": run[f"metrics.cv_{metric}"],
                    "cv_sd": run[f"metrics.cv_{metric}_sd"],
                    "seconds": run["metrics.seconds"],
                    "parameters": _parameters(run, use_case),
                }
            )
    names = ["training", "rows", "table_version", "family", "trial"]
    found = pd.DataFrame(lines, columns=[*names, "cv", "cv_sd", "seconds", "parameters"])
    order = {run: place for place, run in enumerate(trainings["run_id"])}
    return found.sort_values(
        ["training", "family", "trial"],
        key=lambda c: c.map(order) if c.name == "training" else c,
        kind="stable",
        ignore_index=True,
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


def best_of_families(trials: pd.DataFrame, training: str) -> pd.DataFrame:
    """The best trial of each family in one training, best first."""
    of = trials[trials["training"] == training].sort_values("cv", ascending=False, kind="stable")
    return of.drop_duplicates("family").reset_index(drop=True)


def importances(runs: pd.DataFrame, run_id: str) -> pd.Series:
    """What shuffling each input cost the winner of a training, greatest loss first."""
    names = [name for name in map(str, runs) if name.startswith("metrics.importance_")]
    values = runs.loc[runs["run_id"] == run_id, names].iloc[0].astype(float).dropna()
    values.index = [str(name).removeprefix("metrics.importance_") for name in values.index]
    return values.sort_values(ascending=False, kind="stable").rename("importance")


def with_written_parameters(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials for a table that people read: each one's parameters in a line."""
    lines = [", ".join(f"{n} = {_short(v)}" for n, v in p.items()) for p in trials["parameters"]]
    return trials.assign(parameters=lines)


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


def _column(runs: pd.DataFrame, name: str) -> pd.Series:
    return runs[name] if name in runs else pd.Series(None, index=runs.index, dtype=object)


def _kind(tag: object) -> str:
    return GENERATED if tag == "true" else REAL


def _seconds(runs: pd.DataFrame) -> pd.Series:
    return (runs["end_time"] - runs["start_time"]).dt.total_seconds().round(1)


def _parameters(run: pd.Series, use_case: UseCase) -> dict[str, str]:
    """The parameters that a trial has, in the order of the use case's declaration."""
    given = {
        str(name).removeprefix("params."): str(value)
        for name, value in run.items()
        if str(name).startswith("params.") and value is not None and value == value
    }
    spaces = {str(f): c.search for f, c in use_case.candidates.items()}
    declared = [n for n in spaces.get(str(run["tags.hitcast.family"]), {}) if n in given]
    return {name: given[name] for name in [*declared, *sorted(set(given) - set(declared))]}


def _short(value: str) -> str:
    try:
        return value if value.lstrip("-").isdigit() else f"{float(value):.3g}"
    except ValueError:
        return value
