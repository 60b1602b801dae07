"""What answers: chosen out of fold, its members fitted on all rows and kept on their runs."""

from dataclasses import dataclass
from functools import cached_property

from pyspark.ml import PipelineModel

from hitcast.portable.card import ENSEMBLE
from hitcast.running.job import say
from hitcast.training.blending import Chosen, choose
from hitcast.training.families import Families
from hitcast.training.search import measure_folds, summary_of
from hitcast.training.searches import FamilyResult, cross_fit


@dataclass(frozen=True)
class Member:
    """One family of what answers.

    Attributes:
        result: Its search.
        model: The whole pipeline, refitted on all training rows.
        model_uri: Where the Spark pipeline was logged.
        weight: Of its log-odds.
    """

    result: FamilyResult
    model: PipelineModel
    model_uri: str
    weight: float


@dataclass(frozen=True)
class Model:
    """What answers.

    Attributes:
        members: Its families, best first.
        chosen: How they are blended, with out-of-fold probabilities.
    """

    members: tuple[Member, ...]
    chosen: Chosen

    @property
    def family(self) -> str:
        """The family's name, or that it is several."""
        return ENSEMBLE if len(self.members) > 1 else self.members[0].result.name

    @property
    def families(self) -> list[str]:
        """The members' families."""
        return [str(member.result.name) for member in self.members]

    @cached_property
    def summary(self) -> dict[str, float]:
        """Cross-validated metrics of the whole, mean and `_sd` over the folds."""
        rows, chosen = self.members[0].result.best.rows, self.chosen
        return summary_of(measure_folds(rows, chosen.probability, chosen.threshold))


def fit_model(work: Families, found: list[FamilyResult]) -> Model:
    """Choose what answers and refit its members on all training rows.

    A member whose refit fails is left out, and what is left is chosen from again; where nothing is
    left at full size, those that trailed are fitted there.

    Args:
        work: The families.
        found: What `cross_fit` gave.

    Raises:
        HitcastError: if all failed.
    """
    while True:
        found = [result for result in found if result.name not in work.left_out]
        if not any(result.at_full_size for result in found):
            found = cross_fit(work, found)
        candidates = [result for result in found if result.at_full_size]
        work.require(candidates)
        first = candidates[0].best
        chosen = choose(
            first.rows,
            [result.best.probability for result in candidates],
            work.use_case.training.metric,
            work.use_case.training.cost,
        )
        if chosen.gain is not None:
            say(f"blending {len(candidates)} families gains {chosen.gain} out of fold")
        members = refit(work, [candidates[place] for place in chosen.members], chosen)
        if len(members) == len(chosen.members):
            return Model(members, chosen)


def refit(work: Families, results: list[FamilyResult], chosen: Chosen) -> tuple[Member, ...]:
    """Fit the best settings on all training rows and log the pipelines, but those that fail."""
    work.progress.expect(len(results))
    members: list[Member] = []
    for result, weight in zip(results, chosen.blend.weights, strict=True):
        with work.told_if_it_fails(result.name), work.tracker.resumed(result.run_id):
            members.append(_refit(work, result, weight))
    return tuple(members)


def _refit(work: Families, result: FamilyResult, weight: float) -> Member:
    name = result.name
    work.progress.begin(f"{name}: refit on {work.data.counts['train']} rows")
    model = work.fit_whole(name, result.best.parameters)
    work.progress.fit_done()
    return Member(result, model, work.tracker.log_spark_model(model), weight)
