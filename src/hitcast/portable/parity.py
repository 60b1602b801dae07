"""The check that a portable scorer and Spark say the same about the same rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitcast.errors import ParityError

# MLlib computes in double precision, as the graph does; XGBoost sums float32 leaves.
TOLERANCES = {"xgboost": 1e-6, "ensemble": 1e-6}
TOLERANCE = 1e-9


@dataclass(frozen=True)
class ParityResult:
    """What the comparison found.

    Attributes:
        max_abs_diff: Largest difference between the two probabilities of one row.
        label_disagreements: Rows on different sides of the threshold.
        rows: Rows compared.
    """

    max_abs_diff: float
    label_disagreements: int
    rows: int


def tolerance_for(*families: str) -> float:
    """Largest difference allowed between the probabilities of one row, by what makes them."""
    return max(TOLERANCES.get(family, TOLERANCE) for family in families)


def nearest_gap(threshold: float, probabilities: NDArray[Any], tolerance: float) -> float:
    """The number nearest to a threshold that no row's probability comes near.

    Labels of the rows are as they were, but for those whose probability lies within the tolerance
    of the threshold, whose label float errors would decide.

    Args:
        threshold: Between 0 and 1.
        probabilities: Of all rows that matter, in any order.
        tolerance: How far two computations of one probability may be apart.

    Returns:
        A threshold that is further than twice the tolerance from each probability.
    """
    room = 2 * tolerance
    points = np.unique(np.concatenate(([-1.0], probabilities, [2.0])))
    wide = np.flatnonzero(np.diff(points) > 2 * room)
    low, high = points[wide] + room, points[wide + 1] - room
    # The next double beyond the room: a threshold on its edge would be near again.
    inside = np.clip(threshold, np.nextafter(low, 2.0), np.nextafter(high, -1.0))
    return float(inside[np.argmin(np.abs(inside - threshold))])


def check_parity(
    spark_probability: NDArray[Any],
    portable: NDArray[Any],
    threshold: float | None,
    tolerance: float,
) -> ParityResult:
    """Compare the probabilities of the same rows, in the same order.

    Labels are compared without any margin: a row that changes sides is a different answer to a
    person, however small the difference. `nearest_gap` keeps the threshold away from all of them.

    Args:
        spark_probability: P(label = 1) from the Spark model, one a row; of more classes than two,
            one a class.
        portable: The same from the scorer.
        threshold: Rows at or above it are predicted 1; None: the most likely class is predicted.
        tolerance: Largest difference allowed, from `tolerance_for`.

    Returns:
        The largest difference and the number of rows; no label differs.

    Raises:
        ParityError: if there is nothing to compare, a value is not a number, a difference is
            beyond the tolerance, or a label differs.
    """
    spark, scorer = (np.asarray(p, dtype=np.float64) for p in (spark_probability, portable))
    dimensions = 2 if threshold is None else 1
    if spark.shape != scorer.shape or spark.ndim != dimensions or not len(spark):
        raise ParityError(
            "parity needs two equally long columns with at least one row; got the shapes "
            f"{spark.shape} and {scorer.shape}. Score the same rows with both."
        )
    differences = np.abs(spark - scorer)
    worst = float(np.max(differences))
    # NaN compares as False: only a number at or below the tolerance passes.
    if not worst <= tolerance:
        row = int(np.argmax(np.nan_to_num(differences, nan=np.inf).reshape(len(spark), -1).max(1)))
        raise ParityError(
            f"probabilities may differ by {tolerance:g}; they differ by {worst:g} in row {row} "
            f"(Spark {spark[row]!r}, scorer {scorer[row]!r}). The export does not reproduce the "
            "pipeline: do not register it, and report the pipeline's stages."
        )
    if threshold is None:
        disagreements = int(np.sum(spark.argmax(axis=1) != scorer.argmax(axis=1)))
    else:
        disagreements = int(np.sum((spark >= threshold) != (scorer >= threshold)))
    if disagreements and threshold is None:
        raise ParityError(
            f"no label may differ; {disagreements} of {len(spark)} rows have another class: two "
            "are as likely there. Train with another seed."
        )
    if disagreements:
        raise ParityError(
            f"no label may differ; {disagreements} of {len(spark)} rows change sides of the "
            f"threshold {threshold!r}. Put it into a gap between two probabilities (`nearest_gap`)."
        )
    return ParityResult(worst, disagreements, len(spark))
