"""The check that a portable scorer and Spark say the same about the same rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ParityResult:
    """What the comparison found."""

    max_abs_diff: float
    label_disagreements: int
    rows: int


def tolerance_for(family: str) -> float:
    """Largest difference allowed between the probabilities of one row."""
    return 1e-6 if family == "xgboost" else 1e-9


def check_parity(
    spark_probability: NDArray[Any], portable: NDArray[Any], threshold: float, tolerance: float
) -> ParityResult:
    """Compare the probabilities of the same rows, in the same order."""
    raise NotImplementedError
