"""What selecting features and making components of them gave: the best setting with and without."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from hitcast.declaration.candidates import Candidate, Scalar
from hitcast.declaration.selecting import NONE, PCA, REDUCING, SELECT
from hitcast.models.metrics import Array
from hitcast.training.search import CvResult
from hitcast.training.searches import FamilyResult
from hitcast.training.view_fits import Again, on_tuning_rows
from hitcast.training.views import Seen, View, look_at_gain

WITHOUT: dict[str, Scalar] = {SELECT: NONE, PCA: 0}
Look = tuple[str, Callable[[], list[View]]]


def ablations(results: Sequence[FamilyResult], again: Again) -> Iterator[Look]:
    """Looks at what each step gave that a family's search has tried, each by its name.

    Args:
        results: The families.
        again: Fits a setting once more; its own one is of no account.
    """
    for result in results:
        candidate = again.use_case.candidates[result.name]
        for step in REDUCING:
            if step in candidate.search:
                name = f"gain_{step}_{result.name}"
                yield name, partial(_gain, name, step, result, candidate, again)


def _gain(
    name: str, step: str, result: FamilyResult, candidate: Candidate, again: Again
) -> list[View]:
    """With the step less without it, on the same tuning rows, out of fold.

    Where the best setting has the step, that setting is fitted without it; where it has not, the
    best of those that were tried with it is compared with the best.
    """
    metric = again.use_case.training.metric
    best = on_tuning_rows(result)
    having = [trial for trial in result.trials if _has(step, trial)]
    if not having:
        return []
    if _has(step, best):
        tried, without = best, _without(step, result, best, again)
    else:
        tried, without = max(having, key=lambda trial: trial.mean(metric)), best.probability
    value = tried.parameters[step]
    told = f"{result.name}: what {step} {value} gives, of {candidate.search[step].grid} tried"
    seen = Seen(tried.out_of_fold, tried.rows.groups)
    return [look_at_gain(name, told, seen, without, seed=again.options.seed)]


def _without(step: str, result: FamilyResult, best: CvResult, again: Again) -> Array:
    """Out-of-fold probabilities of the best setting without the step."""
    parameters = {**best.parameters, step: WITHOUT[step]}
    for trial in result.trials:
        if trial.parameters == parameters:
            return trial.probability
    return replace(again, tuned=replace(best, parameters=parameters)).without(())


def _has(step: str, trial: CvResult) -> bool:
    return trial.parameters.get(step, WITHOUT[step]) != WITHOUT[step]
