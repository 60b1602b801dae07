"""Where recall goes up, down rows in the order of their probability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitcast.models.metrics import Array


@dataclass(frozen=True)
class Steps:
    """Where recall goes up, down the rows in order: once for each probability with a positive.

    Attributes:
        until: How many rows there are down to each step, with those of its own probability.
        hits_until: How many of them are positive.
        tied: Places of negative rows whose probability is a step's.
        tied_until: How many of these there are down to each step.
    """

    until: NDArray[np.int64]
    hits_until: NDArray[np.int64]
    tied: NDArray[np.int64]
    tied_until: NDArray[np.int64]


def steps_of(probability: Array, label: Array) -> tuple[NDArray[np.int64], Steps]:
    """The order of the rows, the most probable first, and the steps down it."""
    order = np.argsort(-probability, kind="stable")
    ordered, positive = probability[order], label[order] == 1
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) + 1
    hits = np.cumsum(positive)[ends - 1] if len(ends) else ends
    rises = np.diff(hits, prepend=0) > 0
    until, hits_until = ends[rises], hits[rises]
    size = np.diff(ends, prepend=0)[rises]
    of_step = np.zeros(len(order) + 1, dtype=np.int64)
    of_step[until - size] += 1
    of_step[until] -= 1
    tied = np.flatnonzero((np.cumsum(of_step)[:-1] > 0) & ~positive)
    return order, Steps(until, hits_until, tied, np.searchsorted(tied, until))
