"""What can be found out about a challenger: both models are asked about rows that neither knows.

Whatever is in the way of that becomes a reason, never an error: a version that can't be judged
stays in `staging`, and the reason says why.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hitcast.declaration.fingerprint import why_incomparable, why_unknown
from hitcast.declaration.sections import OF_TWO
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GeneratedRowsError, HitcastError
from hitcast.models.comparing import TestRows, compare
from hitcast.models.findings import Champion, Evidence
from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored
from hitcast.models.registry import Registry, Version
from hitcast.models.version_tags import Tags, parity_of, trained_of, tries_on
from hitcast.portable.card import Card
from hitcast.portable.scorer import Scorer

TOLD = ("average_precision", "areaUnderROC", "log_loss", "f1", "calibration_slope")
ReadRows = Callable[[Sequence[Card]], TestRows]
"""Reads the rows that are test rows of all models with these cards, with the inputs of all."""


@dataclass(frozen=True)
class Challenger:
    """A trained model, registered or about to be.

    Attributes:
        number: Its version; None: it has none yet.
        tags: Those of its version.
        scorer: Its scorer, loaded.
    """

    number: int | None
    tags: Tags
    scorer: Scorer


def gather(
    registry: Registry,
    challenger: Challenger,
    champion: Version | None,
    read: ReadRows,
    use_case: UseCase,
) -> Evidence:
    """Find out what there is to know about a challenger.

    Args:
        registry: The model's versions.
        challenger: What is to be judged.
        champion: The version in production, if any.
        read: Reads test rows.
        use_case: Names the metric and the gates.

    Raises:
        GeneratedRowsError: if a version trained on real rows would be judged by generated ones.
    """
    known = Evidence(
        metric=use_case.training.metric,
        trained=trained_of(challenger.tags),
        parity=parity_of(challenger.tags),
        champion=None if champion is None else _known(champion),
        tries=tries_on(registry.versions(), challenger.tags, challenger.number),
    )
    told = why_unknown(challenger.scorer.card.fingerprint)
    if told:
        return replace(known, incomparable=f"it can't be judged: {told}")
    if champion is None:
        return _alone(known, challenger, read, use_case)
    try:
        return _beside(known, challenger, _load(registry, champion), read, use_case)
    except GeneratedRowsError:
        raise
    except Exception as error:
        # Whatever is wrong with the champion is no reason to fail a training.
        ours = isinstance(error, HitcastError)  # It stays as it is; anything else may pass.
        text = str(error) if ours else f"{type(error).__name__}: {error}"
        why = f"it can't be compared with version {champion.number} in production: {text}"
        alone = _alone(known, challenger, read, use_case)
        return replace(alone, incomparable=why, passing=not ours)


def load_challenger(registry: Registry, version: Version) -> Challenger:
    """A registered version as one that is to be judged."""
    return Challenger(version.number, version.tags, _load(registry, version))


def _known(champion: Version) -> Champion:
    return Champion(champion.number, trained_of(champion.tags))


def _alone(known: Evidence, challenger: Challenger, read: ReadRows, use_case: UseCase) -> Evidence:
    rows = read([challenger.scorer.card])
    _refuse_generated_judges(challenger, rows)
    return replace(known, scores=_scores(_measured(challenger.scorer, rows), use_case))


def _beside(
    known: Evidence, challenger: Challenger, champion: Scorer, read: ReadRows, use_case: UseCase
) -> Evidence:
    cards = [challenger.scorer.card, champion.card]
    told = why_incomparable(cards[0].fingerprint, cards[1].fingerprint)
    if told:
        raise HitcastError(told)
    rows = read(cards)
    _refuse_generated_judges(challenger, rows)
    ours, theirs = (_measured(scorer, rows) for scorer in (challenger.scorer, champion))
    comparison = compare(rows, ours, theirs, use_case.gates, known.metric, known.tries)
    return replace(known, scores=_scores(ours, use_case), comparison=comparison)


def _measured(scorer: Scorer, rows: TestRows) -> Measured:
    probability = scorer.probabilities(rows.columns)
    scored = Scored(rows.label, probability, rows.weights)
    return Measured(scored, scorer.card.threshold)


def _scores(measured: Measured, use_case: UseCase) -> dict[str, float]:
    of_all = [name for name in TOLD if not measured.parts or name not in OF_TWO]
    names = {*of_all, use_case.training.metric, *use_case.gates.at_least}
    whole = np.ones(len(measured.scored.label))
    return {name: float(measured.of(name)(whole)) if len(whole) else np.nan for name in names}


def _load(registry: Registry, version: Version) -> Scorer:
    with tempfile.TemporaryDirectory() as folder:
        return Scorer.load(registry.download_scorer(version.number, Path(folder)))


def _refuse_generated_judges(challenger: Challenger, rows: TestRows) -> None:
    if rows.generated and not trained_of(challenger.tags).generated:
        which = "a version" if challenger.number is None else f"version {challenger.number}"
        raise GeneratedRowsError(
            f"expected real test rows to judge {which}, which was trained on "
            "real rows; this home's gold table holds generated ones; run where the real rows are"
        )
