"""What metrics and figures of an experiment are called."""

METRICS = {
    "share_positive": "Positive answers",
    "outcome": "Positive outcomes",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "accuracy": "Right answers",
    "precision": "Precision",
    "recall": "Recall",
    "areaUnderPR": "Area under PR",
}
DECIDING = {
    "log_loss": "log loss of the probabilities",
    "brier": "Brier score of the probabilities",
    "outcome": "share of positive outcomes",
}
"""What an experiment may be decided by."""
DIRECTION = {True: "higher is better", False: "lower is better", None: "neither way is better"}
UNKNOWN = "not known"


def metric_name(name: str) -> str:
    """What people call a metric; a newer job may have others."""
    return METRICS.get(name, name.replace("_", " ").capitalize())


def figure(value: float | None) -> str:
    """A metric's value."""
    return UNKNOWN if value is None else f"{value:.4g}"


def signed(value: float | None) -> str:
    """A difference."""
    if value is None:
        return UNKNOWN
    return f"{value:+.4g}".replace("-", "−") if value else "0"


def span(low: float | None, high: float | None) -> str:
    """An interval of a difference."""
    return UNKNOWN if low is None or high is None else f"{signed(low)} to {signed(high)}"


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """A metric with its interval."""
    if value is None or low is None or high is None:
        return figure(value)
    return f"{figure(value)} ({figure(low)} to {figure(high)})"


def count(value: int | None) -> str:
    """A number of units or rows."""
    return UNKNOWN if value is None else f"{value:,}"
