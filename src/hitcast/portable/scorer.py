"""Answers of a portable scorer: numpy and onnxruntime, nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitcast.portable.card import Card


class Scorer:
    """One model, loaded once, asked often. Safe to share between threads."""

    card: Card

    @classmethod
    def load(cls, folder: Path | str) -> "Scorer":
        """Load the scorer that `save_scorer` wrote to `folder`."""
        raise NotImplementedError

    def probabilities(self, columns: Mapping[str, Sequence[Any]]) -> NDArray[np.float64]:
        """P(label = 1) of each row, in row order."""
        raise NotImplementedError

    def predict(
        self, columns: Mapping[str, Sequence[Any]]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Predicted label (1 at or above the card's threshold) and probability of each row."""
        raise NotImplementedError
