"""Made-up weeks in which two models of known quality meet: what promotion is simulated with.

A row's log-odds are a sum: what both models know of it, what one of them knows, what the other
knows, and what nobody does, part of which all rows of an artist share. A model that knows more is
better. Sizes are those of the tracks: 4.6 % positive, average precision about .46, areaUnderROC
about .92, log-odds of the two correlated by .95, artists with a few rows each.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from hitcast.declaration.sections import Gates
from hitcast.models.calibration import platt
from hitcast.models.comparing import TestRows, compare
from hitcast.models.decision import Decision, decide_promotion
from hitcast.models.findings import Champion, Evidence, Parity, Trained
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array, Scored
from hitcast.portable.blend import sigmoid

GATES = Gates(min_improvement=0.005, at_least={"areaUnderROC": 0.7})
METRIC = "average_precision"
BASE, BOTH, ONE, NOBODY = -4.2, 4.0, 0.32, 0.2
"""Log-odds in the middle; variances of what both models, one of them, and nobody knows."""
LEAST, TURN = 0.27, -5.5
"""Of the variances of one, what is left where both see a hit; log-odds where it has halved."""
GENRES, UNSEEN = 40, 0.25
THRESHOLD, MOVED = 0.25, 0.1
"""Where thresholds lie, and by how much, in log-odds, trainings move them."""


@dataclass(frozen=True)
class Case:
    """How much more the challenger knows than the champion, and what that is worth.

    Attributes:
        shift: What the variance of what it alone knows is more, and the champion's less.
        gain: Its gain in average precision on endless rows.
    """

    shift: float
    gain: float


EQUAL, WORSE, BETTER = Case(0.0, 0.0), Case(-0.065, -0.005), Case(0.27, 0.02)


@dataclass(frozen=True)
class Week:
    """Rows, and the log-odds that champion and challenger give them."""

    label: Array
    champion: Array
    challenger: Array


@cache
def places(rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """The artist and the genre of each row, and whether its artist is unseen."""
    generator = np.random.default_rng(0)
    # Few artists have many rows, most have one or two.
    popular = generator.pareto(1.5, rows * 2 // 5) + 0.5
    units = generator.choice(len(popular), rows, p=popular / popular.sum())
    genre = np.minimum(generator.exponential(8, rows).astype(np.int64), GENRES - 1)
    return units, genre, (generator.random(len(popular)) < UNSEEN)[units]


def make_week(generator: np.random.Generator, case: Case, rows: int) -> Week:
    """A week's rows, labels and log-odds."""
    units, genre, _ = places(rows)
    artists = int(units.max()) + 1

    def part(variance: float | Array) -> Array:
        return generator.normal(0, 1, rows) * np.sqrt(variance)

    level = np.linspace(-1.2, 1.2, GENRES)[genre]
    artist = generator.normal(0, 1, (2, artists))[:, units] * np.sqrt([[0.6], [NOBODY]])
    both = BASE + level + artist[0] + part(BOTH)
    apart = LEAST + (1 - LEAST) * sigmoid(TURN - 1.5 * both)
    champion, challenger = (part(apart * (ONE + s)) for s in (-case.shift, case.shift))
    chance = sigmoid(both + champion + challenger + artist[1])
    label = (generator.random(rows) < chance).astype(float)
    return Week(label, both + champion, both + challenger)


@cache
def calibration(case: Case) -> tuple[tuple[float, float], tuple[float, float]]:
    """Slope and intercept that make the log-odds of both true."""
    week = make_week(np.random.default_rng(1), case, 1_000_000)
    return platt(week.label, week.champion), platt(week.label, week.challenger)


def probabilities(week: Week, case: Case) -> tuple[Array, Array]:
    """Calibrated probabilities of champion and challenger."""
    lines = calibration(case)
    margins = (week.champion, week.challenger)
    first, second = (sigmoid(a * m + b) for (a, b), m in zip(lines, margins, strict=True))
    return first, second


def judge_week(generator: np.random.Generator, case: Case, rows: int = 20_000) -> Decision:
    """Draw a week and decide, as a job does once both models have scored its rows."""
    week = make_week(generator, case, rows)
    units, genre, unseen = places(rows)
    odds = np.log(THRESHOLD / (1 - THRESHOLD)) + generator.normal(0, MOVED, 2)
    both: list[Any] = [
        Measured(Scored(week.label, p), float(sigmoid(o)))
        for p, o in zip(probabilities(week, case), odds, strict=True)
    ]
    test = TestRows({}, week.label, False, units, unseen, genre.astype(object))
    data = Trained("table", 1)
    evidence = Evidence(
        metric=METRIC,
        scores={name: float(both[1].of(name)(np.ones(rows))) for name in (METRIC, "areaUnderROC")},
        trained=data,
        parity=Parity(0.0, "logistic_regression"),
        champion=Champion(1, data),
        comparison=compare(test, both[1], both[0], GATES, METRIC),
    )
    return decide_promotion(evidence, GATES)


def promoted(case: Case, weeks: int, seed: int) -> list[Decision]:
    """The decisions of so many weeks that ended in production."""
    generator = np.random.default_rng(seed)
    # More threads than one wait for each other more than they compute, on matrices so small.
    with threadpool_limits(1):
        found = [judge_week(generator, case) for _ in range(weeks)]
    return [decision for decision in found if decision.alias == "production"]
