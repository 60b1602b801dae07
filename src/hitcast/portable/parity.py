"""The check that a portable scorer and Spark say the same about the same rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitcast.errors import ParityError

# MLlib computes in double precision, as the graph does; XGBoost sums float32 leaves.
TOLERANCES = {"xgboost": 1e-6}
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


def tolerance_for(family: str) -> float:
    """Largest difference allowed between the probabilities of one row."""
    return TOLERANCES.get(family, TOLERANCE)


def check_parity(
    spark_probability: NDArray[Any], portable: NDArray[Any], threshold: float, tolerance: float
) -> ParityResult:
    """Compare the probabilities of the same rows, in the same order.

    Labels are compared without any margin: a row that changes sides is a different answer to a
    person, however small the difference. A threshold midway between two observed probabilities
    is therefore never met by chance.

    Args:
        spark_probability: P(label = 1) from the Spark model, one a row.
        portable: P(label = 1) from the scorer, one a row.
        threshold: Rows at or above it are predicted 1.
        tolerance: Largest difference allowed, from `tolerance_for`.

    Returns:
        The largest difference and the number of rows; no label differs.

    Raises:
        ParityError: if there is nothing to compare, a value is not a number, a difference is
            beyond the tolerance, or a label differs.
    """
    spark, scorer = (np.asarray(p, dtype=np.float64) for p in (spark_probability, portable))
    if spark.shape != scorer.shape or spark.ndim != 1 or not len(spark):
        raise ParityError(
            "parity needs two equally long columns with at least one row; got the shapes "
            f"{spark.shape} and {scorer.shape}. Score the same rows with both."
        )
    differences = np.abs(spark - scorer)
    worst = float(np.max(differences))
    # NaN compares as False: only a number at or below the tolerance passes.
    if not worst <= tolerance:
        row = int(np.argmax(np.nan_to_num(differences, nan=np.inf)))
        raise ParityError(
            f"probabilities may differ by {tolerance:g}; they differ by {worst:g} in row {row} "
            f"(Spark {spark[row]!r}, scorer {scorer[row]!r}). The export does not reproduce the "
            "pipeline: do not register it, and report the pipeline's stages."
        )
    disagreements = int(np.sum((spark >= threshold) != (scorer >= threshold)))
    if disagreements:
        raise ParityError(
            f"no label may differ; {disagreements} of {len(spark)} rows change sides of the "
            f"threshold {threshold!r}. Put it between two probabilities, not onto one."
        )
    return ParityResult(worst, disagreements, len(spark))
