"""What an experiment measures: metrics that are a ratio of two sums over predictions.

A unit adds to both sums; so the metric of an arm, and what each unit moves it by, follow from one
row a unit (`by_unit` makes them). What is no such ratio (areaUnderPR) is in `areas`.
"""

from dataclasses import dataclass

COUNTS = ("predictions", "fallbacks", "positive", "with_outcome")
"""What a row adds up beside outcomes; `positive` are answers."""
SUMS = ("positive_outcomes", "hits", "called", "correct", "log_loss", "brier")
"""What a row adds up of predictions whose outcome is known: positive outcomes, positive answers
that were right, positive answers, right answers, and two losses."""
KEYS = ("unit", "arm", "versus", "period", "look")
"""What a row is one of. `versus` is nothing for answers; a shadow's own alias for what the shadow
scored, and for the control's answers to the same predictions."""


@dataclass(frozen=True)
class Metric:
    """A ratio of two sums.

    Attributes:
        total: The column of what is added up.
        count: The column of what it is divided by.
        higher_is_better: None where neither is.
        of_two: Whether there is one only where one of two classes is the positive one.
        of_answers: Whether it looks at answers; if not, it is the same for a shadow and for what it
            shadows.
        told: What it is, for people.
    """

    total: str
    count: str
    higher_is_better: bool | None
    told: str
    of_two: bool = False
    of_answers: bool = True

    def gain(self, difference: float) -> float:
        """A difference, turned so that more is better."""
        return -difference if self.higher_is_better is False else difference


METRICS = {
    "share_positive": Metric(
        "positive", "predictions", None, "share of positive answers", of_two=True
    ),
    "feedback": Metric("with_outcome", "predictions", None, "share with a known outcome"),
    "outcome": Metric(
        "positive_outcomes", "with_outcome", True, "share of positive outcomes",
        of_two=True, of_answers=False,
    ),
    "log_loss": Metric("log_loss", "with_outcome", False, "log loss"),
    "brier": Metric("brier", "with_outcome", False, "Brier score"),
    "accuracy": Metric("correct", "with_outcome", True, "share of right answers"),
    "precision": Metric("hits", "called", True, "precision", of_two=True),
    "recall": Metric("hits", "positive_outcomes", True, "recall", of_two=True),
}  # fmt: skip


def metrics_of(classes: int) -> dict[str, Metric]:
    """The metrics of a label with so many classes."""
    return {name: m for name, m in METRICS.items() if classes == 2 or not m.of_two}
