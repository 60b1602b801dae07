"""What metrics and figures of an experiment are called."""

import math

METRICS = {
    "share_positive": "Positive answers",
    "feedback": "With a known outcome",
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
LEAST = 1e-6
"""What is nearer to 0 is told as a power of ten."""


def metric_name(name: str) -> str:
    """What people call a metric; a newer job may have others."""
    return METRICS.get(name, name.replace("_", " ").capitalize())


def figure(value: float | None) -> str:
    """A metric's value, with four digits that say something, and no more decimals than six."""
    if value is None:
        return UNKNOWN
    if abs(value) < LEAST:
        return f"{value:.0e}".replace("-", "−") if value else "0"
    decimals = min(6, max(0, 3 - math.floor(math.log10(abs(value)))))
    return f"{value:.{decimals}f}".replace("-", "−")


def signed(value: float | None) -> str:
    """A difference."""
    return f"+{figure(value)}" if value is not None and value > 0 else figure(value)


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
