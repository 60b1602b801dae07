"""A judgement is carried out: the row of the move, aliases, and last the reason."""

from dataclasses import replace

from hitcast.models.alias_history import AliasHistory
from hitcast.models.decision import as_text
from hitcast.models.moves import Move, keep, promote_in, say_no_row, undone, user
from hitcast.models.promotion import Judgement, unable
from hitcast.models.registry import PRODUCTION, STAGING, Registry
from hitcast.models.version_tags import NOT_JUDGED, REASON_TAG, is_judged
from hitcast.running.interrupts import was_interrupted
from hitcast.running.job import explain


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
            history.add(undone(move.as_row(), lost))
        if not lost:
            promote_in(registry, number, judgement.champion)
            registry.tag(number, REASON_TAG, as_text(judgement.decision))
            return judgement
        judgement = _outdone(judgement, lost)
    _stage(registry, history, number, judgement, by)
    return judgement


def settle_or_stage(
    registry: Registry, history: AliasHistory, number: int, judgement: Judgement, by: str
) -> Judgement:
    """The same for a training: a promotion that can't be told of is `staging` for now."""
    try:
        return settle(registry, history, number, judgement, by)
    except Exception as error:
        if was_interrupted():
            raise
        judgement = unable(registry, f"it could not be promoted: {explain(error)}")
        return settle(registry, history, number, judgement, by)


def _stage(
    registry: Registry, history: AliasHistory, number: int, judgement: Judgement, by: str
) -> None:
    move = _move(registry, number, judgement, by)
    reason = as_text(judgement.decision)
    version = registry.version(number)
    anew = not is_judged(version) or STAGING not in version.aliases
    if registry.aliases().get(PRODUCTION) != number:
        registry.set_alias(STAGING, number)
    if anew:
        _add(registry, history, move)
    registry.tag(number, REASON_TAG, reason if judgement.final else f"{NOT_JUDGED}: {reason}")


def _add(registry: Registry, history: AliasHistory, move: Move) -> None:
    """Add a decision's row; where there is none to be had, a tag keeps it as it keeps moves."""
    try:
        history.add_once(move)
    except Exception as error:
        if was_interrupted():
            raise
        keep(registry, move, done=True)
        say_no_row(error)


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
