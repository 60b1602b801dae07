"""Champion against challenger: a version is judged, and what was decided is carried out.

The decision itself is a pure function (`decision`), of what `evidence` finds out.
"""

from dataclasses import dataclass, replace

from hitcast.declaration.use_case import UseCase
from hitcast.models.alias_history import AliasHistory
from hitcast.models.decision import Decision, as_text, decide_promotion
from hitcast.models.evidence import Challenger, ReadRows, gather
from hitcast.models.moves import Move, promote_in, user
from hitcast.models.registry import PRODUCTION, STAGING, Registry
from hitcast.models.version_tags import DISABLED, NOT_JUDGED, REASON_TAG, is_judged

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
) -> Judgement:
    """Judge a challenger against the version in production; nothing is changed.

    Args:
        registry: The model's versions.
        history: The moves so far.
        challenger: A registered version, or one that is to be.
        read: Reads the test rows.
        use_case: Names the metric, the gates and the mode.

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
    evidence = gather(registry, challenger, champion, read, use_case)
    decision = decide_promotion(evidence, use_case.gates)
    if decision.alias != PRODUCTION:
        return Judgement(decision, number, seen, "not promoted")
    if use_case.promotion.mode == "dry_run":
        reasons = (f"{DRY_RUN} (promotion.mode is dry_run)", *decision.reasons)
        return Judgement(replace(decision, alias=STAGING, reasons=reasons), number, seen, DRY_RUN)
    return Judgement(decision, number, seen, "promoted")


def unable(registry: Registry, history: AliasHistory, why: str) -> Judgement:
    """The judgement of a version that could not be judged for now: the next run does."""
    champion = registry.aliases().get(PRODUCTION)
    decision = Decision(STAGING, (why,))
    return Judgement(decision, champion, history.standing(), "not promoted", final=False)


def provisional(judgement: Judgement) -> dict[str, str]:
    """The tag of a version that is registered with its judgement, before aliases move."""
    return {REASON_TAG: f"{NOT_JUDGED}, aliases are to follow: {as_text(judgement.decision)}"}


def settle(
    registry: Registry, history: AliasHistory, number: int, judgement: Judgement, by: str
) -> Judgement:
    """Carry a judgement out: the row of the move, aliases, and last the reason.

    Without its reason a version counts as not judged, so that a run that ends in between is made up
    for by the next.

    Args:
        registry: Where aliases move.
        history: Where the move is told of first: of two promotions at once one is made.
        number: The version that was judged.
        judgement: Of it.
        by: What does it, for people: a job.

    Returns:
        The judgement as it was carried out: not promoted, where another was faster.
    """
    alias = judgement.decision.alias
    if alias == PRODUCTION and judgement.champion == number:
        # Set by hand, or by a run that did not get to do the rest.
        promote_in(registry, number, number)
        if not is_judged(registry.version(number)):
            registry.tag(number, REASON_TAG, as_text(judgement.decision))
        return judgement
    if alias == PRODUCTION:
        move = _move(registry, number, judgement, by)
        lost = history.claim(registry, move, judgement.seen)
        if not lost and registry.aliases().get(PRODUCTION) != judgement.champion:
            lost = "production was moved by hand meanwhile"
            history.add(replace(_undone(move), why=lost))
        if not lost:
            promote_in(registry, number, judgement.champion)
            registry.tag(number, REASON_TAG, as_text(judgement.decision))
            return judgement
        judgement = _outdone(judgement, lost)
    _stage(registry, history, number, judgement, by)
    return judgement


def _stage(
    registry: Registry, history: AliasHistory, number: int, judgement: Judgement, by: str
) -> None:
    move = _move(registry, number, judgement, by)
    reason = as_text(judgement.decision)
    anew = (
        not is_judged(registry.version(number)) or STAGING not in registry.version(number).aliases
    )
    if registry.aliases().get(PRODUCTION) != number:
        registry.set_alias(STAGING, number)
    if anew:
        history.add_once(move)
    registry.tag(number, REASON_TAG, reason if judgement.final else f"{NOT_JUDGED}: {reason}")


def _outdone(judgement: Judgement, lost: str) -> Judgement:
    reasons = (f"{lost}; jobs/promote.py judges it anew", *judgement.decision.reasons)
    decision = replace(judgement.decision, alias=STAGING, reasons=reasons)
    return replace(judgement, decision=decision, told="outdone", final=False)


def _move(registry: Registry, number: int, judgement: Judgement, by: str) -> Move:
    decision = judgement.decision
    production = decision.alias == PRODUCTION
    before = judgement.champion if production else registry.aliases().get(decision.alias)
    if before == number:
        before = None  # A training has called it staging, to be judged later.
    return Move(
        alias=decision.alias,
        from_version=before,
        to_version=number,
        decision=judgement.told,
        why=as_text(decision),
        who=user(by),
        figures=decision.figures,
    )


def _undone(move: Move) -> Move:
    """The row that says that a move which was told of was not made."""
    back = move.from_version if move.from_version is not None else move.to_version
    return Move(move.alias, move.to_version, back, "not made", "", move.who)
