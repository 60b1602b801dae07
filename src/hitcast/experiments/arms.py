"""Which arm of an experiment a unit gets: a function of the experiment's salt and the unit alone.

Nothing is kept: every process, on every machine and after every restart, says the same. Each arm
draws an exponential time of rate `weight` for the unit, by a hash; the arm whose time is the
shortest has it. So an arm's share is its weight among all (the minimum of exponentials), and a
weight that grows takes units from the others, and moves none between them. Thaler and Ravishankar
(1998) call it rendezvous hashing; by weights it stands in Schindelhauer and Schomaker (2005).
"""

import hashlib
import math

from hitcast.declaration.experiment import Arm, Experiment

BITS = 53
"""Of a hash, as many as a double holds."""


class Assignment:
    """An experiment's arms of units, with all worked out beforehand that is the same for each unit.

    Args:
        experiment: Its salt, traffic, arms and weights are looked at; its times are not.
    """

    def __init__(self, experiment: Experiment) -> None:
        seed = experiment.seed
        self._traffic = experiment.traffic
        self._taking = _part(seed) + _part("traffic")
        self._arms = [
            (arm, _part(seed) + _part(f"arm {arm.alias}"), arm.weight)
            for arm in experiment.answering
        ]

    def takes_part(self, unit: str) -> bool:
        """Whether a unit is of the traffic; more traffic takes in more, and drops none."""
        traffic = self._traffic
        return traffic >= 1.0 or _uniform(self._taking + _part(unit)) < traffic

    def of(self, unit: str) -> Arm | None:
        """The arm that answers a unit; None where it is none of the traffic."""
        if not self.takes_part(unit):
            return None
        own, shortest = _part(unit), math.inf
        found = self._arms[0][0]
        for arm, before, weight in self._arms:
            time = -math.log1p(-_uniform(before + own)) / weight
            if time < shortest:
                found, shortest = arm, time
        return found


def arm_of(experiment: Experiment, unit: str) -> Arm | None:
    """The arm that answers a unit.

    Args:
        experiment: Its salt, traffic, arms and weights are looked at; its times are not.
        unit: Who or what the answers are for, as the caller names it.

    Returns:
        One of the arms that answer; None where the unit is none of the experiment's traffic.
    """
    return Assignment(experiment).of(unit)


def takes_part(experiment: Experiment, unit: str) -> bool:
    """Whether a unit is of the experiment's traffic; more traffic takes in more, and drops none."""
    return Assignment(experiment).takes_part(unit)


def _part(text: str) -> bytes:
    """A text with its length before it: texts that differ, joined, differ too."""
    return f"{len(text)}:{text}".encode()


def _uniform(text: bytes) -> float:
    """A number from 0 to below 1, as good as drawn; texts that differ have numbers of their own."""
    drawn = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    return (drawn >> (64 - BITS)) / float(1 << BITS)
