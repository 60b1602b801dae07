"""Champion against challenger: a version is judged; `settling` carries out what was decided.

The decision itself is a pure function (`decision`), of what `evidence` finds out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hitcast.declaration.use_case import UseCase
from hitcast.models.alias_history import AliasHistory
from hitcast.models.comparing import ENOUGH
from hitcast.models.decision import BY_HAND, Decision, as_text, decide_promotion
from hitcast.models.evidence import Challenger, ReadRows, gather
from hitcast.models.findings import Evidence
from hitcast.models.registry import PRODUCTION, STAGING, Registry
from hitcast.models.version_tags import DISABLED, NOT_JUDGED, REASON_TAG

DRY_RUN = "would be promoted"


@dataclass(frozen=True)
class Judgement:
    """A decision, and what was there when it was made.

    Attributes:
        decision: Which alias, and why.
        champion: The version that was in production.
        seen: The number of the newest move then.
        told: What the decision is called.
        final: Whether the version counts as judged by it.
    """

    decision: Decision
    champion: int | None
    seen: int
    told: str
    final: bool = True


def judge(
    registry: Registry,
    history: AliasHistory,
    challenger: Challenger,
    read: ReadRows,
    use_case: UseCase,
    trial: str = "",
) -> Judgement:
    """Judge a challenger against the version in production; nothing is changed.

    Args:
        registry: The model's versions.
        history: The moves so far.
        challenger: A registered version, or one that is to be.
        read: Reads the test rows.
        use_case: Names the metric, the gates and the mode.
        trial: What an experiment on live traffic has shown, in which the challenger was better.

    Raises:
        GeneratedRowsError: if a version trained on real rows would be judged by generated ones.
    """
    seen = history.standing()
    champion = registry.by_alias(PRODUCTION)
    number = None if champion is None else champion.number
    if champion is not None and number == challenger.number:
        told = Decision(PRODUCTION, (f"version {number} is in production already",))
        return Judgement(told, number, seen, "promoted")
    if use_case.promotion.mode == "disabled":
        return Judgement(Decision(STAGING, (DISABLED,)), number, seen, "disabled")
    evidence = replace(gather(registry, challenger, champion, read, use_case), trial=trial)
    decision = decide_promotion(evidence, use_case.gates)
    decision = replace(decision, reasons=(*decision.reasons, *_unguarded(evidence, use_case)))
    if decision.alias != PRODUCTION:
        final = not evidence.passing
        return Judgement(decision, number, seen, "not promoted", final)
    if use_case.promotion.mode == "dry_run":
        how = f"promotion.mode is dry_run; to do it: jobs/promote.py {BY_HAND}"
        reasons = (f"{DRY_RUN} ({how})", *decision.reasons)
        return Judgement(replace(decision, alias=STAGING, reasons=reasons), number, seen, DRY_RUN)
    return Judgement(decision, number, seen, "promoted")


def _unguarded(evidence: Evidence, use_case: UseCase) -> Iterator[str]:
    """That nothing was guarded, though it is declared: there are too few rows to tell."""
    compared = evidence.comparison
    declared = any(borne is not None for _, borne in use_case.gates.guarded)
    if compared is not None and declared and not compared.guarded:
        yield (
            f"nothing but {evidence.metric} was guarded: the rarest class has {compared.fewest} "
            f"of {compared.rows} test rows, {ENOUGH} of each are needed"
        )


def unable(registry: Registry, why: str) -> Judgement:
    """The judgement of a version that could not be judged for now: the next run does."""
    # No move is asked for: production goes nowhere, and they may be what can't be read.
    champion = registry.aliases().get(PRODUCTION)
    decision = Decision(STAGING, (why,))
    return Judgement(decision, champion, 0, "not promoted", final=False)


def provisional(judgement: Judgement) -> dict[str, str]:
    """The tag of a version that is registered with its judgement, before aliases move."""
    return {REASON_TAG: f"{NOT_JUDGED}, aliases are to follow: {as_text(judgement.decision)}"}
