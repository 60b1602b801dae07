"""How many rows each row stands for, where classes have other shares than in the rows."""

from collections.abc import Sequence

import numpy as np

from hitcast.models.metrics import Array


def standing_for(label: Array, shares: Sequence[float]) -> Array:
    """How many rows each row stands for, so that classes have these shares of all, shape (n,).

    Args:
        label: The number of each row's class.
        shares: Of each class where the model is used, or in the whole that rows were drawn from.
    """
    counts = np.bincount(label.astype(np.int64), minlength=len(shares))
    each = np.array(shares) * len(label) / np.maximum(counts, 1)
    found: Array = each[label.astype(np.int64)]
    return found


def prior_shares(prior: float | None) -> tuple[float, float] | None:
    """The shares of both classes where a model is used; None: as in the rows."""
    return None if prior is None else (1.0 - prior, prior)


def prior_weights(label: Array, prior: float | None) -> Array | None:
    """How many rows each stands for where `prior` is the share of positive ones; None: one."""
    shares = prior_shares(prior)
    return None if shares is None else standing_for(label, shares)
