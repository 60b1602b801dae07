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


def arm_of(experiment: Experiment, unit: str) -> Arm | None:
    """The arm that answers a unit.

    Args:
        experiment: Its salt, traffic, arms and weights are looked at; its times are not.
        unit: Who or what the answers are for, as the caller names it.

    Returns:
        One of the arms that answer; None where the unit is none of the experiment's traffic.
    """
    if not takes_part(experiment, unit):
        return None
    arms = experiment.answering
    return min(arms, key=lambda arm: _time(experiment, arm, unit)) if len(arms) > 1 else arms[0]


def takes_part(experiment: Experiment, unit: str) -> bool:
    """Whether a unit is of the experiment's traffic; more traffic takes in more, and drops none."""
    traffic = experiment.traffic
    return traffic >= 1.0 or _uniform(experiment.seed, "traffic", unit) < traffic


def _time(experiment: Experiment, arm: Arm, unit: str) -> float:
    return -math.log1p(-_uniform(experiment.seed, f"arm {arm.alias}", unit)) / arm.weight


def _uniform(*parts: str) -> float:
    """A number from 0 to below 1, as good as drawn; texts that differ have numbers of their own."""
    text = "".join([f"{len(part)}:{part}" for part in parts]).encode()
    drawn = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    return (drawn >> (64 - BITS)) / float(1 << BITS)
