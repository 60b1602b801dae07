"""Each family's search on the tuning rows, and its best setting once more on all training rows."""

import time
from dataclasses import dataclass, replace

from pyspark.ml import PipelineModel

from hitcast.declaration.candidates import Family
from hitcast.models.drawn import intervals
from hitcast.models.measures import Measured
from hitcast.models.tracking import cv_metrics
from hitcast.running.interrupts import was_interrupted
from hitcast.running.job import first_line, say
from hitcast.running.session import find_native_libraries
from hitcast.training.families import Families
from hitcast.training.search import CvResult, search
from hitcast.training.trials import Parameters, Proposer, build_proposer


@dataclass(frozen=True)
class FamilyResult:
    """What became of one family.

    Attributes:
        best: The best setting, cross-validated: on all training rows where `at_full_size`.
        trials: All settings that were tried on the tuning rows, in order.
        run_id: The family's MLflow run.
        seconds: What search and cross-fit took.
        at_full_size: Whether `best` was cross-fitted on all training rows.
    """

    best: CvResult
    trials: tuple[CvResult, ...]
    run_id: str
    seconds: float
    at_full_size: bool

    @property
    def name(self) -> Family:
        """Which kind of estimator."""
        return self.best.family


def search_families(work: Families) -> list[FamilyResult]:
    """Search each family's space on the tuning rows.

    Returns:
        One result a family that did not fail, by the selection metric, best first.

    Raises:
        HitcastError: if all failed.
    """
    options, candidates = work.options, work.use_case.candidates
    proposers = {
        name: build_proposer(
            options.search, candidates[name], options.trials_of(name, work.use_case), options.seed
        )
        for name in options.candidates
    }
    work.progress.expect(sum(p.trials * options.folds for p in proposers.values()))
    find_native_libraries(work.data.train.sparkSession)
    found: list[FamilyResult] = []
    for name, proposer in proposers.items():
        with work.told_if_it_fails(name):
            found.append(_search(work, name, proposer))
    work.require(found)
    return _best_first(work, found)


def cross_fit(work: Families, found: list[FamilyResult]) -> list[FamilyResult]:
    """Cross-validate the best settings on all training rows.

    Where tuning had all rows that is done already. Families that trail the best one by more than
    chance are left where they are, unless it fails at full size: then they are compared anew.

    Returns:
        The same families, by the selection metric: those at full size first, best first.

    Raises:
        HitcastError: if all failed.
    """
    counts = work.data.counts
    if counts["tuning"] == counts["train"]:
        return found
    fitted: list[FamilyResult] = []
    left = found
    while left:
        done = {result.name for result in fitted}
        alive = [result for result in found if result.name in done or result in left]
        follow = [r for r in left if not _trails(work, alive[0], r)]
        if not follow:
            break
        work.keep_rows_for(result.name for result in follow)
        work.progress.expect(work.options.folds * len(follow))
        for result in follow:
            with work.told_if_it_fails(result.name), work.tracker.resumed(result.run_id):
                fitted.append(_cross_fit(work, result))
        left = [result for result in left if result not in follow]
        if alive[0].name not in work.left_out:
            break
    work.require(fitted)
    return [*_best_first(work, fitted), *left]


def _trails(work: Families, best: FamilyResult, other: FamilyResult) -> bool:
    """Whether a family is behind the best in the selection metric, out of fold, beyond chance."""
    if other is best:
        return False
    metric = work.use_case.training.metric
    ours, theirs = (Measured(r.best.out_of_fold, r.best.threshold) for r in (best, other))
    behind = intervals(ours, best.best.rows.units, [metric], less=theirs)[metric]
    if behind.low > 0:
        say(f"{other.name} trails {best.name} by {behind} and is not fitted on all rows")
    return behind.low > 0


def _search(work: Families, name: Family, proposer: Proposer) -> FamilyResult:
    started = time.monotonic()
    tags = {"hitcast.level": "family", "hitcast.family": name}
    trials: list[CvResult] = []
    candidate = work.use_case.candidates[name]
    with work.tracker.run(name, tags) as run_id:
        work.rows_for(name)

        def run_trial(parameters: Parameters) -> CvResult:
            began = time.monotonic()
            number = len(trials) + 1
            work.progress.begin(f"{name}: trial {number} of {proposer.trials}")
            trial = work.tune(name, parameters)
            trials.append(trial)
            seconds = time.monotonic() - began
            model, test = _kept(work, trial)
            work.tracker.log_trial(
                f"{name}-{number}", name, parameters, trial.fold_metrics, trial.summary(), seconds,
                model=model, test=test,
            )  # fmt: skip
            return trial

        best = search(proposer, run_trial, metric=work.use_case.training.metric)
        work.tracker.log({**candidate.fixed, **best.parameters}, cv_metrics(best.summary()))
    whole = len(best.rows.ids) == work.data.counts["train"]
    return FamilyResult(best, tuple(trials), run_id, time.monotonic() - started, whole)


def _kept(work: Families, trial: CvResult) -> tuple[PipelineModel | None, dict[str, float]]:
    """What stays of a setting where its family keeps all; they decide nothing, so none may fail."""
    if not work.use_case.candidates[trial.family].keep_trials:
        return None, {}
    try:
        return work.keep_trial(trial)
    except Exception as error:
        if was_interrupted():
            raise
        say(f"a trial of {trial.family} is not kept: {first_line(error)}")
        return None, {}


def _cross_fit(work: Families, result: FamilyResult) -> FamilyResult:
    started = time.monotonic()
    name, parameters = result.name, result.best.parameters
    work.progress.begin(f"{name}: {work.options.folds} fits on all rows")
    best = work.cross_fit(name, parameters)
    work.tracker.log({}, cv_metrics(best.summary()))
    seconds = result.seconds + time.monotonic() - started
    return replace(result, best=best, seconds=seconds, at_full_size=True)


def _best_first(work: Families, found: list[FamilyResult]) -> list[FamilyResult]:
    return sorted(found, key=lambda r: -r.best.mean(work.use_case.training.metric))
