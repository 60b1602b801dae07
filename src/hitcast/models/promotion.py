"""Champion against challenger: which version becomes production, and why.

The decision is a pure function; `promote` measures both on the same test rows and carries the
decision out. It fails closed: whatever can't be measured is not promoted.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitcast.declaration.sections import Gates
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GeneratedRowsError
from hitcast.models.metrics import Array, Scored
from hitcast.models.registry import PREVIOUS, PRODUCTION, STAGING, Registry, Version
from hitcast.portable.scorer import Scorer
from hitcast.portable.values import Values

GENERATED_TAG = "hitcast.generated"
REASON_TAG = "hitcast.promotion"
NOT_JUDGED = "not judged yet"
"""How the reason of a version begins that nobody has judged."""


@dataclass(frozen=True)
class Contender:
    """A version with its score on the test rows that both are judged by."""

    version: int
    score: float
    generated: bool


@dataclass(frozen=True)
class Decision:
    """Which alias the challenger gets, and the reasons in words."""

    alias: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class TestRows:
    """Test rows as a scorer takes them, with their labels, shape (n,)."""

    __test__ = False

    columns: Mapping[str, Values]
    label: Array
    generated: bool


def decide_promotion(
    challenger: Contender, champion: Contender | None, gates: Gates, metric: str
) -> Decision:
    """Decide which alias the challenger gets.

    Args:
        challenger: The new version.
        champion: The version in production, or None.
        gates: What has to be passed.
        metric: Name of the score, for the reasons.

    Returns:
        `production` if there is no champion, or it is beaten; else `staging`.
    """
    told = f"{metric} {challenger.score:.6f} on the test rows"
    if champion is None:
        return Decision(PRODUCTION, (f"first version: {told}",))
    against = f"{told}, version {champion.version} in production has {champion.score:.6f}"
    if challenger.generated and not champion.generated:
        return Decision(
            STAGING,
            (f"trained on generated rows, version {champion.version} on real ones", against),
        )
    # A comparison with NaN is false, so a score that can't be told stays out of production.
    if challenger.score > champion.score + gates.min_improvement:
        return Decision(PRODUCTION, (f"better: {against}",))
    return Decision(STAGING, (f"not better by more than {gates.min_improvement:g}: {against}",))


def promote(registry: Registry, use_case: UseCase, number: int, rows: TestRows) -> Decision:
    """Judge version `number` against the one in production, and set the aliases.

    Args:
        registry: The model's versions.
        use_case: Names the metric and the gates.
        number: The challenger.
        rows: The test rows; neither version was trained on them.

    Returns:
        The decision, which also stands on the version as a tag.

    Raises:
        GeneratedRowsError: if a version trained on real rows would be judged by generated ones.
    """
    challenger = registry.version(number)
    champion = registry.by_alias(PRODUCTION)
    if champion is not None and champion.number == number:
        decision = Decision(PRODUCTION, (f"version {number} is in production already",))
        if not is_judged(challenger):
            # Set by hand, or by a run that did not get to say so.
            apply(registry, number, None, decision)
        return decision
    _refuse_generated_judges(challenger, rows)
    metric = use_case.training.metric
    decision = decide_promotion(
        _contender(registry, challenger, rows, metric),
        None if champion is None else _contender(registry, champion, rows, metric),
        use_case.gates,
        metric,
    )
    apply(registry, number, champion, decision)
    return decision


def apply(registry: Registry, number: int, champion: Version | None, decision: Decision) -> None:
    """Carry a decision out: `previous`, the alias itself, and last the reason.

    Without a reason a version counts as not judged, so that a run that ends in between is made up
    for by the next.
    """
    if decision.alias == PRODUCTION and champion is not None:
        registry.set_alias(PREVIOUS, champion.number)
    registry.set_alias(decision.alias, number)
    if decision.alias == PRODUCTION and registry.aliases().get(STAGING) == number:
        registry.remove_alias(STAGING)
    registry.tag(number, REASON_TAG, "; ".join(decision.reasons))


def set_by_hand(registry: Registry, number: int, alias: str) -> dict[str, Any]:
    """Let `alias` name version `number`, because somebody says so.

    Raises:
        RegistryError: if there is no such version, or MLflow reserves the name.
    """
    champion = registry.by_alias(PRODUCTION)
    replaced = alias == PRODUCTION and champion is not None and champion.number != number
    registry.set_alias(alias, number)
    if replaced and champion is not None:
        registry.set_alias(PREVIOUS, champion.number)
    registry.tag(number, REASON_TAG, f"{alias}: set by hand")
    return outcome(number, Decision(alias, ("set by hand",)))


def outcome(number: int, decision: Decision) -> dict[str, Any]:
    """What the job's JSON line holds."""
    promoted = decision.alias == PRODUCTION
    return {
        "version": number,
        "alias": decision.alias,
        "decision": "promoted" if promoted else "not promoted",
        "reasons": list(decision.reasons),
    }


def is_generated(version: Version) -> bool:
    """Whether a version was trained on generated rows."""
    return version.tags.get(GENERATED_TAG) == "true"


def is_judged(version: Version) -> bool:
    """Whether a version has been judged, or given an alias by hand."""
    reason = version.tags.get(REASON_TAG, NOT_JUDGED)
    return not reason.startswith(NOT_JUDGED)


def _refuse_generated_judges(challenger: Version, rows: TestRows) -> None:
    if rows.generated and not is_generated(challenger):
        raise GeneratedRowsError(
            f"expected real test rows to judge version {challenger.number}, which was trained on "
            "real rows; this home's gold table holds generated ones; run where the real rows are"
        )


def _contender(registry: Registry, version: Version, rows: TestRows, metric: str) -> Contender:
    with tempfile.TemporaryDirectory() as folder:
        scorer = Scorer.load(registry.download_scorer(version.number, Path(folder)))
        probability = scorer.probabilities(rows.columns)
    score = Scored(rows.label, probability).metrics(scorer.card.threshold)[metric]
    return Contender(version.number, score, is_generated(version))
