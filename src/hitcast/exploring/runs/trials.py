"""The trials of trainings as tables."""

import pandas as pd

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.runs.trainings import LEVEL, column_of

PARENT = "tags.mlflow.parentRunId"
NONE = float("nan")
"""What no run has measured."""


def tell_trials(runs: pd.DataFrame, trainings: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """One row a finished trial of each finished training, newest training first.

    Returns:
        `training` (its run), `rows`, `table_version`, `family`, `trial`, `cv`, `cv_sd`, `seconds`
        and `parameters` (a mapping of names to texts); `test`, the metric on the test rows, where
        trials keep their models and were measured on them.
    """
    metric = use_case.training.metric
    parents = dict(zip(runs["run_id"], column_of(runs, PARENT), strict=True))
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
                    "cv": run.get(f"metrics.cv_{metric}", NONE),
                    "cv_sd": run.get(f"metrics.cv_{metric}_sd", NONE),
                    "test": run.get(f"metrics.test_{metric}", NONE),
                    "seconds": run.get("metrics.seconds", NONE),
                    "parameters": _parameters(run, use_case),
                }
            )
    names = ["training", "rows", "table_version", "family", "trial"]
    found = pd.DataFrame(lines, columns=[*names, "cv", "cv_sd", "test", "seconds", "parameters"])
    if found["test"].isna().all():
        found = found.drop(columns="test")
    order = {run: place for place, run in enumerate(trainings["run_id"])}
    return found.sort_values(
        ["training", "family", "trial"],
        key=lambda c: c.map(order) if c.name == "training" else c,
        kind="stable",
        ignore_index=True,
    )


def best_of_families(trials: pd.DataFrame, training: str) -> pd.DataFrame:
    """The best trial of each family in one training, best first."""
    of = trials[trials["training"] == training].sort_values("cv", ascending=False, kind="stable")
    return of.drop_duplicates("family").reset_index(drop=True)


def with_written_parameters(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials for a table that people read: each one's parameters in a line."""
    lines = [", ".join(f"{n} = {_short(v)}" for n, v in p.items()) for p in trials["parameters"]]
    return trials.assign(parameters=lines)


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
