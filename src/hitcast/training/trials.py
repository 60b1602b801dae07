"""Where the next trial's parameters come from: grid, random or TPE search."""

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Literal, Protocol

import numpy as np

from hitcast.declaration.candidates import Candidate, Scalar, Space

Method = Literal["grid", "random", "tpe"]
Parameters = dict[str, Scalar]


class Proposer(Protocol):
    """Proposes parameters one trial at a time, and is told how each trial went."""

    trials: int

    def __iter__(self) -> Iterator[Parameters]:
        """Propose the next trial's parameters, `trials` times."""

    def tell(self, score: float | None) -> None:
        """Tell the score of the trial that was proposed last: higher is better, None: it failed."""


def build_proposer(method: Method, candidate: Candidate, trials: int, seed: int) -> Proposer:
    """Build the proposer of a candidate's trials.

    Args:
        method: grid (the whole product of the grids, `trials` of them at most, evenly spaced),
            random, or tpe (Optuna's tree-structured Parzen estimator).
        candidate: Whose search space it is.
        trials: Number of trials.
        seed: Same seed, same trials.
    """
    if not candidate.search:
        return _Listed([{}])
    if method == "grid":
        return _Listed(_grid(candidate.search, trials))
    if method == "random":
        return _Listed(_random(candidate.search, trials, seed))
    return _Tpe(candidate.search, trials, seed)


class _Listed:
    """Trials that are known beforehand; what came of the earlier ones changes nothing."""

    def __init__(self, parameters: list[Parameters]) -> None:
        self._parameters = parameters
        self.trials = len(parameters)

    def __iter__(self) -> Iterator[Parameters]:
        return iter(self._parameters)

    def tell(self, score: float | None) -> None:
        """Nothing to learn."""


class _Tpe:
    """Optuna's TPE sampler, asked and told."""

    def __init__(self, space: Mapping[str, Space], trials: int, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        # Half of few trials are drawn at random first; Optuna's default of 10 would be all.
        sampler = optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=min(10, max(2, trials // 2))
        )
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._distributions = {name: _distribution(values) for name, values in space.items()}
        self.trials = trials

    def __iter__(self) -> Iterator[Parameters]:
        for _ in range(self.trials):
            self._trial = self._study.ask(self._distributions)
            yield dict(self._trial.params)

    def tell(self, score: float | None) -> None:
        """Hand the score to the study, which the next proposal draws on."""
        from optuna.trial import TrialState

        state = TrialState.FAIL if score is None else TrialState.COMPLETE
        self._study.tell(self._trial, score, state=state)


def _distribution(space: Space) -> object:
    from optuna import distributions

    if space.low is None or space.high is None:
        return distributions.CategoricalDistribution(space.grid)
    if space.integer:
        return distributions.IntDistribution(int(space.low), int(space.high), log=space.log)
    return distributions.FloatDistribution(space.low, space.high, log=space.log)


def _grid(space: Mapping[str, Space], trials: int) -> list[Parameters]:
    product = itertools.product(*(values.grid for values in space.values()))
    points = [dict(zip(space, point, strict=True)) for point in product]
    if len(points) <= trials:
        return points
    chosen = np.linspace(0, len(points) - 1, trials).round().astype(int)
    return [points[i] for i in chosen]


def _random(space: Mapping[str, Space], trials: int, seed: int) -> list[Parameters]:
    generator = np.random.default_rng(seed)
    return [
        {name: _draw(values, generator) for name, values in space.items()} for _ in range(trials)
    ]


def _draw(space: Space, generator: np.random.Generator) -> Scalar:
    if space.low is None or space.high is None:
        return space.grid[int(generator.integers(len(space.grid)))]
    low, high = space.low, space.high
    if space.integer:
        high += 1
    value = (
        math.exp(generator.uniform(math.log(low), math.log(high)))
        if space.log
        else generator.uniform(low, high)
    )
    return min(int(value), int(space.high)) if space.integer else value
