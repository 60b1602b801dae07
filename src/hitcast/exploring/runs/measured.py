"""What one training measured on the test rows, as a table that people read."""

import pandas as pd

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.runs.version_pictures import LOSSES, shown_metrics
from hitcast.exploring.words import figure


def tell_metrics(training: pd.Series, use_case: UseCase) -> pd.DataFrame:
    """The metrics of one training.

    Args:
        training: A row of `tell_trainings`.
        use_case: Names the metric that decides, which comes first.

    Returns:
        One row a metric: `metric`, `value`, `better` (which way).
    """
    names = [n for n in shown_metrics(training.to_frame().T, use_case) if pd.notna(training[n])]
    metrics = [name.removeprefix("test_") for name in names]
    return pd.DataFrame(
        {
            "metric": metrics,
            "value": [float(training[name]) for name in names],
            "better": ["less" if name in LOSSES else "more" for name in metrics],
        }
    )


def metrics_in_words(training: pd.Series, use_case: UseCase) -> list[str]:
    """Which version it is, and what decides."""
    metric = use_case.training.metric
    value = training.get(f"test_{metric}", float("nan"))
    told = f"Version {training['version']} ({training['family']}), on {training['rows']} test rows"
    at = training.get("threshold")
    threshold = f" Rows are positive from {figure(float(at))} on." if pd.notna(at) else ""
    return [f"{told}: {metric}, by which candidates are compared, is {figure(value)}.{threshold}"]
